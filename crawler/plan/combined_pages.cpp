#include "crawler/plan/combined_pages.h"

#include <algorithm>

namespace doutu {

std::optional<SourcedPage> CombinedPages::next() {
  while (pages_.advance()) {
    const std::uint64_t id = pages_.id();
    if (id < left_out_.size() && left_out_[id]) continue;
    return SourcedPage{{.id = id, .attempt = 1, .url = pages_.url()}};
  }
  return std::nullopt;
}

void CombinedPages::finished(std::uint64_t id) {
  if (id <= pages_.id() || !has(id)) return;
  if (id >= left_out_.size()) left_out_.resize(std::max<std::size_t>(id + 1, 2 * left_out_.size()));
  left_out_[id] = true;
}

}  // namespace doutu

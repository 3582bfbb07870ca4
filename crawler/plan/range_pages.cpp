#include "crawler/plan/range_pages.h"

#include <algorithm>
#include <utility>

namespace doutu {

std::optional<PageTask> RangePages::next() {
  if (!std::exchange(has_begun_, true)) std::ranges::sort(left_out_);
  while (const auto number = cursor_.next()) {
    if (std::ranges::binary_search(left_out_, *number)) continue;
    return PageTask{.id = *number, .attempt = 1, .url = url_template_.url_of(*number)};
  }
  return std::nullopt;
}

void RangePages::finished(std::uint64_t id) {
  if (!has_begun_) left_out_.push_back(id);
}

}  // namespace doutu

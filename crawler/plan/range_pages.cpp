#include "crawler/plan/range_pages.h"

#include <algorithm>
#include <utility>

namespace doutu {

std::optional<SourcedPage> RangePages::next() {
  if (!std::exchange(has_begun_, true)) std::ranges::sort(left_out_);
  while (const auto number = cursor_.next()) {
    if (*number >= end_) {
      if (cursor_.span().is_open) break;
      continue;
    }
    if (std::ranges::binary_search(left_out_, *number)) continue;
    if (is_open()) ++known_;
    return SourcedPage{{.id = *number, .attempt = 1, .url = url_template_.url_of(*number), .step = step_}};
  }
  // Nobody saw an end below the largest number.
  if (is_open()) end_at(PageRange::kMaxNumber + 1);
  return std::nullopt;
}

void RangePages::finished(std::uint64_t id) {
  if (has_begun_) return;
  left_out_.push_back(id);
  if (is_open()) ++known_;
}

void RangePages::end_at(std::uint64_t id) {
  if (!range_.is_open() || id >= end_) return;
  end_ = id;
  known_ = range_.count_below(id);
}

}  // namespace doutu

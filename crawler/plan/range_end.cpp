#include "crawler/plan/range_end.h"

#include <iterator>

namespace doutu {

std::optional<std::uint64_t> RangeEnd::after(const RangePage& page) {
  constexpr int kNotFound = 404;
  constexpr int kGone = 410;
  if (page.cause == Cause::http_status && (page.http_status == kNotFound || page.http_status == kGone)) {
    return page.number;
  }
  const auto place = places_.extract(page.number);
  if (page.cause != Cause::none || place.empty()) return std::nullopt;
  if (page.images > 0) return page.fresh == 0 ? std::optional(page.number + 1) : std::nullopt;
  if (page.is_redirected) return std::nullopt;
  return end_of_row(place.mapped(), page.number);
}

/// The first of the empty pages in a row that this one is of.
std::optional<std::uint64_t> RangeEnd::end_of_row(std::uint64_t place, std::uint64_t number) {
  auto first = empty_.emplace(place, number).first;
  auto last = first;
  while (first != empty_.begin() && std::prev(first)->first + 1 == first->first) --first;
  while (std::next(last) != empty_.end() && std::next(last)->first == last->first + 1) ++last;
  return last->first - first->first + 1 >= kEmptyInARow ? std::optional(first->second) : std::nullopt;
}

}  // namespace doutu

#include "crawler/plan/range_end.h"

#include <iterator>

namespace doutu {

std::optional<RangeEnd::End> RangeEnd::after(const RangePage& page) {
  constexpr int kNotFound = 404;
  constexpr int kGone = 410;
  if (page.cause == Cause::http_status && (page.http_status == kNotFound || page.http_status == kGone)) {
    return End{page.number, Why::not_there};
  }
  if (page.cause != Cause::none) return std::nullopt;  // It may be tried again.
  const auto place = places_.extract(page.number);
  if (place.empty()) return std::nullopt;
  if (page.images > 0) return page.fresh == 0 ? std::optional(End{page.number + 1, Why::nothing_new}) : std::nullopt;
  if (page.is_redirected) return std::nullopt;
  const Row row = row_of(empty_, place.mapped(), page.number);
  return row.count >= kEmptyInARow ? std::optional(End{row.first, Why::empty}) : std::nullopt;
}

std::optional<RangeEnd::End> RangeEnd::after_failure(std::uint64_t number) {
  const auto place = places_.extract(number);
  if (place.empty()) return std::nullopt;
  const Row row = row_of(failed_, place.mapped(), number);
  return row.count >= kFailedInARow ? std::optional(End{row.last + 1, Why::failed}) : std::nullopt;
}

RangeEnd::Row RangeEnd::row_of(Pages& pages, std::uint64_t place, std::uint64_t number) {
  auto first = pages.emplace(place, number).first;
  auto last = first;
  while (first != pages.begin() && std::prev(first)->first + 1 == first->first) --first;
  while (std::next(last) != pages.end() && std::next(last)->first == last->first + 1) ++last;
  return {first->second, last->second, last->first - first->first + 1};
}

}  // namespace doutu

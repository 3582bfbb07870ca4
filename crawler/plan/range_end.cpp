#include "crawler/plan/range_end.h"

#include <iterator>

namespace doutu {

std::optional<std::uint64_t> RangeEnd::after(const RangePage& page) {
  constexpr int kNotFound = 404;
  constexpr int kGone = 410;
  if (page.cause == Cause::http_status && (page.http_status == kNotFound || page.http_status == kGone)) {
    return page.number;
  }
  if (page.cause != Cause::none) return std::nullopt;  // It may be tried again.
  const auto place = places_.extract(page.number);
  if (place.empty()) return std::nullopt;
  if (page.images > 0) return page.fresh == 0 ? std::optional(page.number + 1) : std::nullopt;
  if (page.is_redirected) return std::nullopt;
  const Row row = row_of(empty_, place.mapped(), page.number);
  return row.count >= kEmptyInARow ? std::optional(row.first) : std::nullopt;
}

std::optional<std::uint64_t> RangeEnd::after_failure(std::uint64_t number) {
  const auto place = places_.extract(number);
  if (place.empty()) return std::nullopt;
  const Row row = row_of(failed_, place.mapped(), number);
  return row.count >= kFailedInARow ? std::optional(row.last + 1) : std::nullopt;
}

RangeEnd::Row RangeEnd::row_of(Pages& pages, std::uint64_t place, std::uint64_t number) {
  auto first = pages.emplace(place, number).first;
  auto last = first;
  while (first != pages.begin() && std::prev(first)->first + 1 == first->first) --first;
  while (std::next(last) != pages.end() && std::next(last)->first == last->first + 1) ++last;
  return {first->second, last->second, last->first - first->first + 1};
}

}  // namespace doutu

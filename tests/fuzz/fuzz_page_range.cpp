#include <set>

#include "crawler/request/page_range.h"
#include "tests/fuzz/failing_new.h"
#include "tests/fuzz/input.h"

namespace doutu {

/// Input: which allocation fails, the range.
int fuzz_page_range(FuzzInput input) {
  const unsigned failing = take_byte(input);
  const auto range = with_and_without_memory(failing, [&] { return PageRange::parse(text_of(input)); });
  if (!range) {
    DOUTU_CHECK(range.error().message.find('\n') == std::string::npos);
    return 0;
  }
  DOUTU_CHECK(range->is_open() ? range->count() == 0 : range->count() >= 1 && range->count() <= PageRange::kMaxPages);
  const auto again = PageRange::parse(range->text());
  DOUTU_CHECK(again && *again == *range && again->text() == range->text());
  if (range->is_open() || range->count() > 2000) return 0;
  std::set<std::uint64_t> numbers;
  auto cursor = range->numbers();
  while (const auto number = cursor.next()) {
    DOUTU_CHECK(*number <= PageRange::kMaxNumber && range->contains(*number));
    DOUTU_CHECK(numbers.insert(*number).second);
  }
  DOUTU_CHECK(numbers.size() == range->count());
  return 0;
}

}  // namespace doutu

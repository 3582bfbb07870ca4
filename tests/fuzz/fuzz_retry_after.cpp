#include "shared/base/http_date.h"
#include "shared/politeness/retry_after.h"
#include "tests/fuzz/input.h"

namespace doutu {

using std::chrono::sys_seconds;
using std::chrono::years;

/// Input: the value of the header; line ends are left out.
int fuzz_retry_after(FuzzInput input) {
  using namespace std::chrono_literals;
  const sys_seconds now{1'700'000'000s};
  const sys_seconds first{std::chrono::sys_days{1601y / 1 / 1}};
  const sys_seconds end{std::chrono::sys_days{10000y / 1 / 1}};
  std::string value(text_of(input));
  std::erase_if(value, [](char c) { return c == '\r' || c == '\n'; });  // Ends of lines, never within one.
  const auto date = parse_http_date(value);
  if (date) DOUTU_CHECK(*date >= first && *date <= end);  // its last minute may have a leap second
  const auto wait = parse_retry_after(value, now);
  if (!wait) return 0;
  DOUTU_CHECK(*wait >= 0s);
  DOUTU_CHECK(parse_retry_after(" " + value + "\t", now) == wait);
  const bool is_number = std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (is_number && value.size() < 18) DOUTU_CHECK(wait->count() == std::stoll(value));
  if (date && !is_number && *date <= now) DOUTU_CHECK(*wait == 0s);
  return 0;
}

}  // namespace doutu

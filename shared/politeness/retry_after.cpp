#include "shared/politeness/retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "shared/base/ascii.h"
#include "shared/base/http_date.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

using std::chrono::seconds;

}  // namespace

std::optional<seconds> parse_retry_after(std::string_view value, std::chrono::sys_seconds now) {
  value = trim_http_whitespace(value);
  if (value.empty()) return std::nullopt;
  if (std::ranges::all_of(value, is_ascii_digit)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc() ? seconds(number) : seconds::max();
  }
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  return std::max(seconds::zero(), *date - now);
}

seconds believed_of_host(seconds asked, std::uint32_t times) {
  constexpr std::uint32_t kEnough = 9;  // 8^8 s are half a year.
  if (times >= kEnough) return asked;
  return std::min(asked, seconds(std::int64_t{1} << 3U * (std::max(times, 1U) - 1)));
}

}  // namespace doutu

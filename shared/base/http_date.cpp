#include "shared/base/http_date.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

/// RFC 6265 section 5.1.1, "delimiter": what is neither letter, digit, colon nor control.
constexpr bool is_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
         (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

/// Takes a number of so many digits off the front of text, when no further digit follows.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  const std::string_view digits(text.begin(), std::ranges::find_if_not(text, is_ascii_digit));
  if (digits.size() < least || digits.size() > most) return std::nullopt;
  text.remove_prefix(digits.size());
  int number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

bool take_colon(std::string_view& text) {
  if (!text.starts_with(':')) return false;
  text.remove_prefix(1);
  return true;
}

struct Time {
  int hour = 0, minute = 0, second = 0;
};

/// "21:01:22", and anything but a digit behind it; in bounds or not.
std::optional<Time> read_time(std::string_view token) {
  const auto hour = take_number(token, 1, 2);
  if (!hour || !take_colon(token)) return std::nullopt;
  const auto minute = take_number(token, 1, 2);
  if (!minute || !take_colon(token)) return std::nullopt;
  const auto second = take_number(token, 1, 2);
  if (!second) return std::nullopt;
  return Time{*hour, *minute, *second};
}

bool exists(const Time& time) {
  return time.hour <= 23 && time.minute <= 59 && time.second <= 60;  // 60: a leap second
}

std::optional<std::chrono::month> read_month(std::string_view token) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto* const found = std::ranges::find_if(
      kMonths, [&](std::string_view month) { return equals_ignoring_case(token.substr(0, 3), month); });
  if (found == kMonths.end()) return std::nullopt;
  return std::chrono::month(static_cast<unsigned>(found - kMonths.begin()) + 1);
}

/// Two digits mean 1970 to 2069.
std::optional<std::chrono::year> read_year(std::string_view token) {
  const auto year = take_number(token, 2, 4);
  if (!year) return std::nullopt;
  return std::chrono::year(*year > 99 ? *year : *year + (*year >= 70 ? 1900 : 2000));
}

std::optional<std::chrono::day> read_day(std::string_view token) {
  const auto day = take_number(token, 1, 2);
  if (!day) return std::nullopt;
  return std::chrono::day(static_cast<unsigned>(*day));
}

/// Sets a field that has no value yet; false when it has one, or the token is no such thing.
template <class Field, class Read>
bool fill(std::optional<Field>& field, Read read, std::string_view token) {
  if (field) return false;
  field = read(token);
  return field.has_value();
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  std::optional<Time> time;
  std::optional<std::chrono::day> day;
  std::optional<std::chrono::month> month;
  std::optional<std::chrono::year> year;
  while (!text.empty()) {
    const std::string_view token(text.begin(), std::ranges::find_if(text, is_delimiter));
    text.remove_prefix(std::min(token.size() + 1, text.size()));
    (void)(fill(time, read_time, token) || fill(day, read_day, token) || fill(month, read_month, token) ||
           fill(year, read_year, token));
  }
  if (!time || !day || !month || !year || *year < std::chrono::year(1601)) return std::nullopt;
  const std::chrono::year_month_day date(*year, *month, *day);
  if (!date.ok() || !exists(*time)) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(time->hour) + std::chrono::minutes(time->minute) +
         std::chrono::seconds(time->second);
}

}  // namespace doutu

#include "crawler/request/calendar_day.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr sys_days kFirst = year{0} / 1 / 1;
constexpr std::string_view kConversions = "YymdjbB%";
constexpr auto kMonths =
    std::to_array<std::string_view>({"January", "February", "March", "April", "May", "June", "July", "August",
                                     "September", "October", "November", "December"});

/// Precondition: digits.
int number_in(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string padded(unsigned number, int digits, bool is_bare) {
  return is_bare ? std::to_string(number) : fmt::format("{:0{}}", number, digits);
}

std::string converted(char conversion, bool is_bare, sys_days at) {
  const year_month_day date{at};
  const auto in_year = static_cast<unsigned>(static_cast<int>(date.year()));
  const unsigned in_month = static_cast<unsigned>(date.month());
  switch (conversion) {
    case 'Y':
      return padded(in_year, 4, is_bare);
    case 'y':
      return padded(in_year % 100, 2, is_bare);
    case 'm':
      return padded(in_month, 2, is_bare);
    case 'd':
      return padded(static_cast<unsigned>(date.day()), 2, is_bare);
    case 'j':
      return padded(static_cast<unsigned>((at - sys_days{date.year() / 1 / 1}).count()) + 1, 3, is_bare);
    case 'b':
      return std::string(kMonths.at(in_month - 1).substr(0, 3));
    case 'B':
      return std::string(kMonths.at(in_month - 1));
    default:
      return "%";
  }
}

/// Takes "%-m" off a format that begins with '%': the conversion, and whether it has a '-'.
struct Conversion {
  char letter = '\0';
  bool is_bare = false;
};
Conversion take_conversion(std::string_view& format) {
  format.remove_prefix(1);
  Conversion taken{.is_bare = format.starts_with('-')};
  if (taken.is_bare) format.remove_prefix(1);
  if (!format.empty()) taken.letter = format.front(), format.remove_prefix(1);
  return taken;
}

}  // namespace

std::optional<std::uint64_t> day_number(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  const auto fits = [](char c, char form) { return form == '0' ? is_ascii_digit(c) : c == form; };
  if (!std::ranges::equal(text, kForm, fits)) return std::nullopt;
  const year_month_day date(year{number_in(text.substr(0, 4))},
                            month{static_cast<unsigned>(number_in(text.substr(5, 2)))},
                            day{static_cast<unsigned>(number_in(text.substr(8)))});
  if (!date.ok()) return std::nullopt;
  return static_cast<std::uint64_t>((sys_days{date} - kFirst).count());
}

std::string day_text(std::uint64_t number, std::string_view format) {
  const sys_days at = kFirst + days{static_cast<int>(number)};
  std::string text;
  while (!format.empty()) {
    const std::string_view literal = format.substr(0, format.find('%'));
    text += literal;
    format.remove_prefix(literal.size());
    if (format.empty()) break;
    const Conversion conversion = take_conversion(format);
    text += converted(conversion.letter, conversion.is_bare, at);
  }
  return text;
}

bool can_write_day(std::string_view format) {
  for (std::size_t at = format.find('%'); at != std::string_view::npos; at = format.find('%')) {
    format.remove_prefix(at);
    const char letter = take_conversion(format).letter;
    if (letter == '\0' || kConversions.find(letter) == std::string_view::npos) return false;
  }
  return true;
}

}  // namespace doutu

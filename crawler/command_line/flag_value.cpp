#include "crawler/command_line/flag_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxLine = 1000;
constexpr std::size_t kShown = 60;  // bytes of wrong input in an error

Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_for_terminal(written, kShown), story)};
}

Error invalid(std::string_view written, std::string_view expected) {
  return {fmt::format("invalid value \"{}\"; expected {}", escape_for_terminal(written, kShown), expected)};
}

/// The whole text as a T; false when it is none.
template <class T>
bool read_number(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  return failure == std::errc() && stop == end;
}

constexpr std::string_view kUnits = "KMGT";
constexpr std::uint64_t kUnit = 1024;

/// The number of bytes that a unit stands for; 1 for a character that is none.
std::uint64_t bytes_of_unit(char letter) {
  const std::size_t index =
      kUnits.find(letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter);
  if (index == std::string_view::npos) return 1;
  return std::uint64_t{1} << (10 * (index + 1));
}

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }

}  // namespace

Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  if (!read_number(text, value) || value < low || value > high) {
    return invalid(text, fmt::format("a number from {} to {}", low, high));
  }
  return value;
}

Result<milliseconds> parse_seconds(std::string_view text, milliseconds low, milliseconds high) {
  using Seconds = std::chrono::duration<double>;
  double value = 0;
  // Negated, so that "nan" is refused too.
  if (!read_number(text, value) || !(Seconds(value) >= low && Seconds(value) <= high)) {
    return invalid(text, fmt::format("seconds from {} to {}, for example {}", seconds_text(low), seconds_text(high),
                                     low < milliseconds(500) ? "0.5" : "2.5"));
  }
  return milliseconds(std::llround(value * 1000));
}

std::string seconds_text(milliseconds time) { return fmt::format("{}", std::chrono::duration<double>(time).count()); }

Result<std::uint64_t> parse_size(std::string_view text, std::uint64_t low, std::uint64_t high) {
  const std::uint64_t unit = text.empty() ? 1 : bytes_of_unit(text.back());
  const std::string_view digits = text.substr(0, text.size() - (unit > 1 ? 1 : 0));
  double value = 0;
  const bool is_number = read_number(digits, value);
  const double bytes = value * static_cast<double>(unit);
  // Negated, so that "nan" is refused too.
  if (!is_number || !(bytes >= static_cast<double>(low) && bytes <= static_cast<double>(high))) {
    return invalid(text,
                   fmt::format("a size from {} to {}, for example 500M or 1.5G", size_text(low), size_text(high)));
  }
  return static_cast<std::uint64_t>(bytes);
}

std::string size_text(std::uint64_t bytes) {
  std::string_view unit;
  for (std::size_t i = 0; i < kUnits.size() && bytes > 0 && bytes % kUnit == 0; ++i) {
    unit = kUnits.substr(i, 1);
    bytes /= kUnit;
  }
  return fmt::format("{}{}", bytes, unit);
}

Result<std::string> parse_line(std::string_view text) {
  if (text.empty()) return Error{"the value is empty"};
  if (text.size() > kMaxLine) return about(text, fmt::format("is longer than {} bytes", kMaxLine));
  if (std::any_of(text.begin(), text.end(), is_control)) return about(text, "contains a control character");
  return std::string(text);
}

}  // namespace doutu

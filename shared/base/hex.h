// Bytes in hexadecimal digits, lower case. Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace doutu {

inline void append_hex(std::string& text, std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4U)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{0xf})];
  }
}

[[nodiscard]] inline std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

}  // namespace doutu

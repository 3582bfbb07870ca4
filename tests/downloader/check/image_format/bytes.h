// Words for the literal bytes that the tests of image formats are built from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace doutu {

/// The lowest `count` bytes of the value, the highest of them first.
inline std::string big(std::size_t count, std::uint64_t value) {
  std::string bytes(count, '\0');
  for (std::size_t i = count; i > 0; --i, value >>= 8U) bytes[i - 1] = static_cast<char>(value & 0xFFU);
  return bytes;
}
/// The lowest first.
inline std::string little(std::size_t count, std::uint64_t value) {
  const std::string bytes = big(count, value);
  return {bytes.rbegin(), bytes.rend()};
}

inline std::string zeros(std::size_t count) { return std::string(count, '\0'); }

/// raw({0xFF, 0xD8})
inline std::string raw(std::initializer_list<int> bytes) {
  std::string result;
  for (const int byte : bytes) result += static_cast<char>(byte);
  return result;
}

}  // namespace doutu

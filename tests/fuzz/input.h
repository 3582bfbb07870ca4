// What the fuzz targets have in common.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "shared/base/check.h"
#include "tests/fuzz/fuzz.h"

namespace doutu {

/// One byte off the front; 0 when there is none left.
inline unsigned take_byte(FuzzInput& input) {
  if (input.empty()) return 0;
  const auto byte = std::to_integer<unsigned>(input.front());
  input = input.subspan(1);
  return byte;
}

/// A number of eight bytes off the front, little end first.
inline std::uint64_t take_number(FuzzInput& input) {
  std::uint64_t number = 0;
  const std::size_t size = std::min(sizeof number, input.size());
  if (size > 0) std::memcpy(&number, input.data(), size);
  input = input.subspan(size);
  return number;
}

inline std::string_view text_of(FuzzInput input) { return {reinterpret_cast<const char*>(input.data()), input.size()}; }

/// The text up to the first `end`, which is cut off; all of it when there is none.
inline std::string_view take_text(FuzzInput& input, char end) {
  const std::string_view text = text_of(input);
  const std::size_t size = std::min(text.find(end), text.size());
  input = input.subspan(std::min(size + 1, text.size()));
  return text.substr(0, size);
}

}  // namespace doutu

// The smallest image of any given size in bytes, for tests that need one to be large or to be itself.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "shared/base/check.h"

namespace doutu {

/// A whole GIF of one pixel and so many bytes (at least 40), most of which are a comment of the letter `fill`.
inline std::string small_gif(std::size_t bytes, char fill = 'x') {
  using namespace std::string_literals;
  DOUTU_CHECK(bytes >= 40);
  const std::string end = ",\0\0\0\0\1\0\1\0\0\2\2\x4c\1\0;"s;
  std::string gif = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xfe"s;
  gif.reserve(bytes);
  // Blocks of a length and up to 255 letters, and a last one without any; none is left with no room for its length.
  for (std::size_t left = bytes - gif.size() - end.size() - 1; left > 0;) {
    const std::size_t letters = left == 257 ? 200 : std::min<std::size_t>(left - 1, 255);
    gif += static_cast<char>(letters);
    gif.append(letters, fill);
    left -= letters + 1;
  }
  return gif + '\0' + end;
}

}  // namespace doutu

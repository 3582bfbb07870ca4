// A small JPEG for tests, and the same without its end mark.
#pragma once

#include <string>

namespace doutu {

/// 8 x 8 gray pixels, and a comment that makes it itself.
inline std::string small_jpeg(const std::string& comment = "") {
  using namespace std::string_literals;
  const std::string segment = "\xff\xfe\0"s + static_cast<char>(comment.size() + 2) + comment;
  return "\xff\xd8"s + (comment.empty() ? "" : segment) + "\xff\xdb\0\x43\0"s + std::string(64, '\1') +
         "\xff\xc0\0\x0b\x08\0\x08\0\x08\1\1\x11\0"s + "\xff\xc4\0\x14\0\1"s + std::string(16, '\0') +
         "\xff\xc4\0\x14\x10\1"s + std::string(16, '\0') + "\xff\xda\0\x08\1\1\0\0\x3f\0\x3f\xff\xd9"s;
}

inline std::string jpeg_without_end_mark(const std::string& comment = "") {
  std::string bytes = small_jpeg(comment);
  bytes.resize(bytes.size() - 2);
  return bytes;
}

}  // namespace doutu

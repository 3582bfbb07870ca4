// What must not reach a terminal, a log or a file name.
#pragma once

#include <string>

namespace doutu {

/// U+202E, which turns the order of what follows.
inline const std::string kRightToLeft = {'\xe2', '\x80', '\xae'};

/// A byte that moves cursors, other than the newline that ends a line; or the start of a C1 control in UTF-8.
[[nodiscard]] inline bool has_control_bytes(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return text.find(kRightToLeft) != std::string::npos;
}

}  // namespace doutu

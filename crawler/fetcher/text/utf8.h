// UTF-8 as browsers read it (WHATWG Encoding section 8.1.1). Page fetcher; pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace doutu {

inline constexpr char32_t kReplacementCharacter = 0xfffd;

/// Bytes at the front of text that are ASCII.
[[nodiscard]] std::size_t ascii_prefix(std::string_view text);
/// Bytes at the front of text that are whole sequences of UTF-8.
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text);
[[nodiscard]] inline bool is_valid_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }

/// Precondition: a code point, no surrogate.
void append_utf8(std::string& out, char32_t code_point);
/// Takes a code point from the front of text. Precondition: text is UTF-8 and not empty.
[[nodiscard]] char32_t take_code_point(std::string_view& text);

/// Each malformed sequence, up to the byte that breaks it, becomes U+FFFD. Valid text is handed through, not copied.
[[nodiscard]] std::string repair_utf8(std::string bytes);

}  // namespace doutu

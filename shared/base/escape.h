// Makes text from the network safe to show. None of it reaches a terminal, a log or a file name as it came. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

/// The text with every byte or code point that could move a cursor, hide text or break a line replaced by \xHH or
/// \u{HHHH}: C0, DEL, C1, bidirectional controls (U+061C, U+200E-200F, U+202A-202E, U+2066-2069), line and paragraph
/// separators (U+2028-2029), and bytes that are no UTF-8. A backslash stays. At most `limit` bytes of input are shown,
/// then "...".
[[nodiscard]] std::string escape_for_terminal(std::string_view text, std::size_t limit = 2048);

/// A URL, or what a page wrote in place of one, with its userinfo, and what its query calls a token, signature,
/// password or the like, replaced by "***".
[[nodiscard]] std::string without_secrets(std::string_view url);

/// What *** stands for in it: "the user and password", "the secret of its query"; empty: it hides nothing.
[[nodiscard]] std::string hidden_parts_text(std::string_view url);

/// Without secrets, and escaped.
[[nodiscard]] std::string escape_url(std::string_view url, std::size_t limit = 2048);

/// Length in bytes of the valid UTF-8 sequence at the front of text, 0 when there is none (RFC 3629: no surrogates,
/// no overlong forms, nothing above U+10FFFF).
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

/// The code point of a sequence that utf8_sequence() measured.
[[nodiscard]] std::uint32_t utf8_code_point(std::string_view sequence);

}  // namespace doutu

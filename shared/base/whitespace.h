// White space as each standard defines it. The sets differ on purpose. Any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace doutu {

/// "ASCII whitespace" (WHATWG Infra section 4.6), which is HTML's.
inline constexpr std::string_view kHtmlWhitespace = " \t\n\f\r";

/// "HTTP whitespace" (WHATWG Fetch section 2.2).
inline constexpr std::string_view kHttpWhitespace = " \t\n\r";

/// "S" (XML 1.0 section 2.3), which is XPath's, too.
inline constexpr std::string_view kXmlWhitespace = " \t\n\r";

[[nodiscard]] constexpr bool is_html_whitespace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}
[[nodiscard]] constexpr bool is_xml_whitespace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// What the URL standard drops at the ends of a URL (WHATWG URL section 4.4).
[[nodiscard]] constexpr bool is_c0_control_or_space(char c) { return static_cast<unsigned char>(c) <= 0x20; }

/// What the URL standard drops inside of a URL.
[[nodiscard]] constexpr bool is_tab_or_newline(char c) { return c == '\t' || c == '\n' || c == '\r'; }

/// Text without these characters at its front.
[[nodiscard]] constexpr std::string_view trim_front(std::string_view text, std::string_view characters) {
  return text.substr(std::min(text.find_first_not_of(characters), text.size()));
}

/// Text without these characters at its ends.
[[nodiscard]] constexpr std::string_view trim(std::string_view text, std::string_view characters) {
  text = trim_front(text, characters);
  return text.substr(0, text.find_last_not_of(characters) + 1);  // npos + 1 is 0.
}

[[nodiscard]] constexpr std::string_view trim_html_whitespace(std::string_view text) {
  return trim(text, kHtmlWhitespace);
}

[[nodiscard]] constexpr std::string_view trim_http_whitespace(std::string_view text) {
  return trim(text, kHttpWhitespace);
}

[[nodiscard]] constexpr std::string_view trim_c0_controls_and_space(std::string_view text) {
  while (!text.empty() && is_c0_control_or_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_c0_control_or_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace doutu

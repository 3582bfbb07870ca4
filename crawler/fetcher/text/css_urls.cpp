#include "crawler/fetcher/text/css_urls.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "crawler/fetcher/text/utf8.h"
#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

bool is_hex_digit(char c) { return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

/// Of names.
bool is_name_character(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
 public:
  explicit Scanner(std::string_view css) : rest_(css) {}

  std::vector<std::string> run() {
    while (!rest_.empty()) step();
    return std::move(urls_);
  }

 private:
  [[nodiscard]] bool begins_escape() const { return rest_.size() > 1 && rest_[0] == '\\' && rest_[1] != '\n'; }
  void drop(std::size_t bytes) { rest_.remove_prefix(std::min(bytes, rest_.size())); }
  void skip_space() { rest_ = trim_front(rest_, kHtmlWhitespace); }

  void step() {
    if (rest_.starts_with("/*")) return skip_comment();
    if (rest_[0] == '"' || rest_[0] == '\'') return static_cast<void>(take_string());
    if (!is_name_character(rest_[0]) && !begins_escape()) return drop(1);
    const std::string name = take_name();
    if (!rest_.starts_with('(') || !equals_ignoring_case(name, "url")) return;
    drop(1);
    skip_space();
    const bool is_quoted = rest_.starts_with('"') || rest_.starts_with('\'');
    auto url = is_quoted ? take_string() : take_bare_url();
    if (url && !url->empty()) urls_.push_back(*std::move(url));
  }

  void skip_comment() {
    const std::size_t end = rest_.find("*/", 2);
    drop(end == std::string_view::npos ? rest_.size() : end + 2);
  }

  std::string take_name() {
    std::string name;
    while (!rest_.empty() && (is_name_character(rest_[0]) || begins_escape())) take_character(name);
    return name;
  }

  /// nullopt: it is broken by the end of its line.
  std::optional<std::string> take_string() {
    const char quote = rest_[0];
    std::string text;
    for (drop(1); !rest_.empty(); take_character(text)) {
      if (rest_[0] == quote) return drop(1), text;
      if (rest_[0] == '\n') return std::nullopt;
      if (rest_.starts_with("\\\n")) drop(2);
      if (rest_.empty() || rest_[0] == quote) break;
    }
    drop(1);
    return text;
  }

  std::optional<std::string> take_bare_url() {
    std::string url;
    for (; !rest_.empty() && rest_[0] != ')'; take_character(url)) {
      if (is_html_whitespace(rest_[0])) {
        skip_space();
        if (rest_.empty() || rest_[0] == ')') break;
        return skip_bad_url();
      }
      if (rest_[0] == '"' || rest_[0] == '\'' || rest_[0] == '(' || rest_.starts_with("\\\n")) return skip_bad_url();
    }
    drop(1);
    return url;
  }

  std::optional<std::string> skip_bad_url() {
    std::string ignored;
    while (!rest_.empty() && rest_[0] != ')') take_character(ignored);
    drop(1);
    return std::nullopt;
  }

  /// Precondition: there is one.
  void take_character(std::string& out) {
    if (!begins_escape()) {
      out += rest_[0];
      return drop(1);
    }
    drop(1);
    if (is_hex_digit(rest_[0])) return take_code_point(out);
    out += rest_[0];
    drop(1);
  }

  /// Up to six digits, and a space that ends them.
  void take_code_point(std::string& out) {
    std::uint32_t value = 0;
    for (int i = 0; i < 6 && !rest_.empty() && is_hex_digit(rest_[0]); ++i) {
      const char digit = ascii_lower(rest_[0]);
      value = value * 16 + static_cast<std::uint32_t>(is_ascii_digit(digit) ? digit - '0' : digit - 'a' + 10);
      drop(1);
    }
    if (rest_.starts_with("\r\n")) drop(1);
    if (!rest_.empty() && is_html_whitespace(rest_[0])) drop(1);
    const bool is_character = value != 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    append_utf8(out, is_character ? value : kReplacementCharacter);
  }

  std::string_view rest_;
  std::vector<std::string> urls_;
};

}  // namespace

std::vector<std::string> css_urls(std::string_view css) { return Scanner(css).run(); }

}  // namespace doutu

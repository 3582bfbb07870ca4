#include "crawler/fetcher/text/json_text.h"

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

constexpr std::size_t kEscape = 6;  // "\ud83d"

enum class Half { none, high, low };

/// Which half of a surrogate pair the escape at the front of text is.
Half half_of(std::string_view text) {
  if (text.size() < kEscape || text[0] != '\\' || text[1] != 'u' || ascii_lower(text[2]) != 'd') return Half::none;
  for (const char digit : text.substr(4, 2)) {
    if (!is_ascii_digit(digit) && (ascii_lower(digit) < 'a' || ascii_lower(digit) > 'f')) return Half::none;
  }
  const char second = ascii_lower(text[3]);
  if (second == '8' || second == '9' || second == 'a' || second == 'b') return Half::high;
  return second >= 'c' && second <= 'f' ? Half::low : Half::none;
}

bool begins_a_value(char c) {
  return is_ascii_digit(c) || std::string_view("{[\"-tfn").find(c) != std::string_view::npos;
}

}  // namespace

bool begins_as_json(std::string_view text) {
  text = trim_front(text, kHtmlWhitespace);
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return false;
  const bool is_object = text[0] == '{';
  text = trim_front(text.substr(1), kHtmlWhitespace);
  if (text.empty()) return true;
  return is_object ? text[0] == '"' || text[0] == '}' : text[0] == ']' || begins_a_value(text[0]);
}

bool looks_like_json(std::string_view text) {
  text = trim_html_whitespace(text);
  return begins_as_json(text) && text.size() > 1 && text.back() == (text.front() == '{' ? '}' : ']');
}

std::optional<std::string> with_whole_surrogates(std::string_view json) {
  std::optional<std::string> mended;
  for (std::size_t at = json.find('\\'); at != std::string_view::npos; at = json.find('\\', at)) {
    const Half half = half_of(json.substr(at));
    if (half == Half::none) {
      at += 2;  // Of two backslashes the second begins no escape.
      continue;
    }
    const bool is_pair = half == Half::high && half_of(json.substr(at + kEscape)) == Half::low;
    if (!is_pair) {
      if (!mended) mended = json;
      mended->replace(at, kEscape, "\\ufffd");
    }
    at += is_pair ? 2 * kEscape : kEscape;
  }
  return mended;
}

}  // namespace doutu

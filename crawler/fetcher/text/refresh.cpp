#include "crawler/fetcher/text/refresh.h"

#include <charconv>
#include <limits>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

void skip_space(std::string_view& text) { text = trim_front(text, kHtmlWhitespace); }

std::uint64_t number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : value;
}

/// Off the front, if "url =" stands there.
bool take_url_and_equals(std::string_view& text) {
  if (!starts_with_ignoring_case(text, "url")) return false;
  std::string_view rest = text.substr(3);
  skip_space(rest);
  if (!rest.starts_with('=')) return false;
  rest.remove_prefix(1);
  skip_space(rest);
  text = rest;
  return true;
}

/// "url='/a'", "'/a'", "/a". What begins with a "u" but not so is a URL as it is.
std::string_view url_of(std::string_view text) {
  const bool begins_with_u = text.starts_with('u') || text.starts_with('U');
  if (!take_url_and_equals(text) && begins_with_u) return text;
  if (!text.starts_with('"') && !text.starts_with('\'')) return text;
  const std::string_view quoted = text.substr(1);
  return quoted.substr(0, quoted.find(text.front()));
}

}  // namespace

std::optional<Refresh> parse_refresh(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  skip_space(text);
  const std::string_view digits = text.substr(0, text.find_first_not_of(kDigits));
  text.remove_prefix(digits.size());
  if (digits.empty() && !text.starts_with('.')) return std::nullopt;
  Refresh refresh{.seconds = number(digits), .url = {}};
  text = trim_front(text, "0123456789.");
  if (text.empty()) return refresh;
  if (!is_html_whitespace(text[0]) && text[0] != ';' && text[0] != ',') return std::nullopt;
  skip_space(text);
  if (text.starts_with(';') || text.starts_with(',')) text.remove_prefix(1);
  skip_space(text);
  refresh.url = url_of(text);
  return refresh;
}

}  // namespace doutu

#include "crawler/fetcher/text/content_type.h"

#include <algorithm>
#include <vector>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_ascii_letter(c) || is_ascii_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

/// A quoted string from behind its first quote on, with what it escapes.
std::string quoted_string(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

/// Where a parameter's value ends: at the next ";" that stands in no quotes at its front.
std::size_t end_of_parameter(std::string_view value) {
  std::size_t at = 0;
  if (value.starts_with('"')) {
    for (at = 1; at < value.size() && value[at] != '"'; ++at) {
      if (value[at] == '\\') ++at;
    }
  }
  return std::min(value.find(';', std::min(at, value.size())), value.size());
}

/// HTTP's, which may not stand in a charset: a value with one of them does not count.
bool is_parameter_value(std::string_view value) {
  return std::ranges::all_of(
      value, [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || static_cast<unsigned char>(c) >= 0x80; });
}

/// At the commas that stand in no quotes (Fetch section 2.2.2, "get, decode, and split").
std::vector<std::string_view> split_values(std::string_view values) {
  std::vector<std::string_view> split;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (quoted && values[i] == '\\')
      ++i;
    else if (values[i] == '"')
      quoted = !quoted;
    else if (values[i] == ',' && !quoted) {
      split.push_back(trim_http_whitespace(values.substr(start, i - start)));
      start = i + 1;
    }
  }
  split.push_back(trim_http_whitespace(values.substr(start)));
  return split;
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string extract_content_type(std::string_view values) {
  const std::vector<std::string_view> split = split_values(values);
  std::string chosen(split.back());
  std::string essence;
  std::string charset;
  for (const std::string_view value : split) {
    const std::string own_essence = essence_of(value);
    if (own_essence.empty() || own_essence == "*/*") continue;
    const std::string own_charset = charset_of(value);
    chosen = value;
    if (own_essence != essence) {
      essence = own_essence;
      charset = own_charset;
    } else if (own_charset.empty() && !charset.empty()) {
      chosen += ";charset=" + quote(charset);
    }
  }
  return chosen;
}

std::string essence_of(std::string_view content_type) {
  const std::string_view essence = trim_http_whitespace(content_type.substr(0, content_type.find(';')));
  const std::size_t slash = std::min(essence.find('/'), essence.size());
  const bool is_type =
      is_token(essence.substr(0, slash)) && slash < essence.size() && is_token(essence.substr(slash + 1));
  return is_type ? ascii_lower(essence) : std::string();
}

std::string charset_of(std::string_view content_type) {
  content_type.remove_prefix(std::min(content_type.find(';'), content_type.size()));
  while (!content_type.empty()) {
    content_type = trim_front(content_type.substr(1), kHttpWhitespace);
    const std::size_t name_end = std::min(content_type.find_first_of(";="), content_type.size());
    const std::string_view name = content_type.substr(0, name_end);
    content_type.remove_prefix(name_end);
    if (!content_type.starts_with('=')) continue;
    const std::string_view rest = content_type.substr(1);
    const std::string_view raw = rest.substr(0, end_of_parameter(rest));
    content_type = rest.substr(raw.size());
    std::string value = raw.starts_with('"') ? quoted_string(raw.substr(1)) : std::string(raw);
    if (!raw.starts_with('"')) value.erase(value.find_last_not_of(kHttpWhitespace) + 1);
    const bool counts = raw.starts_with('"') || !value.empty();
    if (counts && equals_ignoring_case(name, "charset") && is_parameter_value(value)) return value;
  }
  return {};
}

}  // namespace doutu

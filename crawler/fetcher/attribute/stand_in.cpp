#include "crawler/fetcher/attribute/stand_in.h"

#include <algorithm>
#include <array>
#include <string>

#include "crawler/fetcher/attribute/data_url.h"
#include "shared/base/ascii.h"

namespace doutu {
namespace {

/// Words that say that an image stands for another,
constexpr auto kPlaceholderWords =
    std::to_array<std::string_view>({"blank", "clear", "dummy", "empty", "lazy", "lazyload", "loader", "loading",
                                     "none", "pixel", "placeholder", "spacer", "transparent", "transparant", "x"});
/// and those that may stand beside them.
constexpr auto kBeside = std::to_array<std::string_view>(
    {"bg", "default", "gif", "gray", "grey", "image", "img", "load", "no", "photo", "pic", "px", "svg", "white"});

bool is_in(const auto& words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

/// The last segment of the path without its extension, in lower case.
std::string stem_of(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  url.remove_prefix(url.rfind('/') + 1);  // npos + 1 is 0.
  return ascii_lower(url.substr(0, url.rfind('.')));
}

bool is_named_as_stand_in(std::string_view stem) {
  if (stem == "x") return false;
  bool tells = false;
  for (std::size_t at = 0; at < stem.size();) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const std::string_view rest = stem.substr(at);
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_letter) - rest.begin());
    if (end == 0 && static_cast<unsigned char>(rest[0]) >= 0x80) return false;
    const std::string_view word = rest.substr(0, end);
    if (end > 0 && !is_in(kPlaceholderWords, word) && !is_in(kBeside, word)) return false;
    tells = tells || (end > 0 && is_in(kPlaceholderWords, word) && (word != "x" || stem == "1x1"));
    at += std::max<std::size_t>(end, 1);
  }
  return tells;
}

}  // namespace

bool is_stand_in(std::string_view url) {
  return is_data_url(url) || url.starts_with("about:") || url.starts_with('#') || is_named_as_stand_in(stem_of(url));
}

bool can_be_url(std::string_view value) {
  return !value.empty() && std::ranges::none_of(value, [](char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '{' || c == '}' || c == '<' || c == '>' || c == '"';
  });
}

}  // namespace doutu

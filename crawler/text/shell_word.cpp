#include "crawler/text/shell_word.h"

#include <fmt/format.h>

namespace doutu {
namespace {

bool is_plain(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,%+@";
  return !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace

/// In double quotes where that reads better, which XPath mostly does.
std::string shell_word(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  if (text.find('\'') == std::string_view::npos) return fmt::format("'{}'", text);
  if (text.find_first_of("\"$`\\!") == std::string_view::npos) return fmt::format("\"{}\"", text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace doutu

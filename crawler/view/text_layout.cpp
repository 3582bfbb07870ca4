#include "crawler/view/text_layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace doutu {
namespace {

constexpr std::size_t kIndent = 12;
constexpr std::size_t kNarrowest = 20;

std::string margin(std::string_view label) { return fmt::format("  {:<{}}", label, kIndent - 2); }

/// How much of the text stands on a line of so many columns: up to its last blank that fits, or one whole word.
std::size_t line_end(std::string_view text, std::size_t columns) {
  if (text.size() <= columns) return text.size();
  const std::size_t blank = text.rfind(' ', columns);
  return blank != std::string_view::npos ? blank : std::min(text.find(' '), text.size());
}

}  // namespace

TextLayout::TextLayout(std::size_t terminal_columns, Charset charset)
    : word_columns_(std::clamp(terminal_columns, kNarrowest + 1, kColumns + 1) - 1),
      address_columns_(std::max(terminal_columns, kNarrowest + 1) - 1),
      charset_(charset) {}

std::string TextLayout::words(std::string_view label, std::string_view text) const {
  return paragraph(margin(label), text);
}

std::string TextLayout::paragraph(std::string_view heading, std::string_view text) const {
  std::string lines;
  do {
    const std::size_t end = line_end(text, word_columns_ - heading.size());
    lines += fmt::format("{:{}}{}\n", lines.empty() ? heading : "", heading.size(), text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  } while (!text.empty());
  return lines;
}

std::string TextLayout::address(std::string_view label, std::string_view text) const {
  return path(label, cut_middle(text, address_columns_ - kIndent, charset_));
}

std::string TextLayout::path(std::string_view label, std::string_view text) {
  return fmt::format("{}{}\n", margin(label), text);
}

}  // namespace doutu

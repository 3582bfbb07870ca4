#include "crawler/command_line/help_text.h"

#include <fmt/format.h>

namespace doutu {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kWordsColumn = 29;

/// Breaks words into lines of at most `width` columns, the later ones indented.
std::string wrap(std::string_view words, std::size_t width, std::size_t indent) {
  std::string text;
  while (words.size() > width) {
    const std::size_t blank = words.rfind(' ', width);
    if (blank == std::string_view::npos) break;
    text += fmt::format("{}\n{:{}}", words.substr(0, blank), "", indent);
    words.remove_prefix(blank + 1);
  }
  return text.append(words);
}

std::string names_of(const FlagSpec& flag) {
  std::string names = flag.short_name.empty() ? "      " : fmt::format("  {}, ", flag.short_name);
  names += flag.long_name;
  if (!flag.value_name.empty()) names += " " + flag.value_name;
  return names;
}

}  // namespace

std::string help_text(const CommandSpec& command) {
  std::string text = command.intro;
  std::string_view section;
  for (const FlagSpec& flag : command.flags) {
    if (flag.section != section) text += fmt::format("\n{}:\n", flag.section);
    section = flag.section;
    std::string names = names_of(flag);
    if (names.size() + 1 >= kWordsColumn) names += fmt::format("\n{:{}}", "", kWordsColumn);
    text += fmt::format("{:{}}{}\n", names, kWordsColumn, wrap(flag.words, kWidth - kWordsColumn, kWordsColumn));
  }
  return text;
}

std::string command_list(std::span<const CommandSpec> commands) {
  std::string text;
  for (const CommandSpec& command : commands) {
    if (command.shown == CommandSpec::Shown::yes) text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  }
  return text;
}

}  // namespace doutu

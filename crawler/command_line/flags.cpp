#include "crawler/command_line/flags.h"

#include <utility>

#include "shared/base/escape.h"

namespace doutu {
namespace {

/// "auto, plain or none".
std::string in_words(const std::vector<std::string>& choices) {
  std::string words;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) words += i + 1 == choices.size() ? " or " : ", ";
    words += choices[i];
  }
  return words;
}

}  // namespace

FlagSpec& Flags::value(std::string_view names, std::string_view value_name, std::string words, Take take) {
  const std::size_t comma = names.find(',');
  FlagSpec flag;
  flag.section = section_;
  if (comma != std::string_view::npos) flag.short_name = names.substr(0, comma);
  flag.long_name = names.substr(names.find("--"));
  flag.value_name = value_name;
  flag.words = std::move(words);
  flag.take = std::move(take);
  return flags_.emplace_back(std::move(flag));
}

Error Flags::not_a_choice(std::string_view text, const std::vector<std::string>& choices) {
  return {fmt::format("\"{}\" is not allowed: write {}", escape_for_terminal(text, 60), in_words(choices))};
}

FlagSpec& Flags::line(std::string_view names, std::string_view value_name, std::string words, std::string& target) {
  return value(names, value_name, std::move(words), [&target](const std::string& text) -> Status {
    Result<std::string> line = parse_line(text);
    if (!line) return std::move(line).error();
    target = *std::move(line);
    return {};
  });
}

FlagSpec& Flags::list(std::string_view names, std::string_view value_name, std::string words,
                      std::vector<std::string>& target) {
  const auto take = [&target](const std::string& text) { return target.push_back(text), Status{}; };
  FlagSpec& flag = value(names, value_name, std::move(words), take);
  flag.repeat = FlagSpec::Repeat::all_count;
  return flag;
}

FlagSpec& Flags::toggle(std::string_view names, std::string words, bool& target) {
  return value(names, "", std::move(words), [&target](const std::string&) { return target = true, Status{}; });
}

void Flags::size(std::string_view names, std::string_view words, std::uint64_t& target, std::uint64_t low,
                 std::uint64_t high, std::string_view shown) {
  const std::string by_default = shown.empty() ? size_text(target) : std::string(shown);
  value(names, "SIZE", fmt::format("{} [{}]", words, by_default),
        [&target, low, high](const std::string& text) -> Status {
          const Result<std::uint64_t> bytes = parse_size(text, low, high);
          if (!bytes) return bytes.error();
          target = *bytes;
          return {};
        });
}

void Flags::help_flag() {
  value("-h,--help", "", "this text", [](const std::string&) { return Status{}; });
}

}  // namespace doutu

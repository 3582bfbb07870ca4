#include "crawler/command_line/flag_kind.h"

#include <utility>

#include "shared/base/escape.h"

namespace doutu {
namespace {

/// "auto, plain or none".
std::string to_text(const std::vector<std::string>& choices) {
  std::string words;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) words += i + 1 == choices.size() ? " or " : ", ";
    words += choices[i];
  }
  return words;
}

std::string itself(const std::string& text) { return text; }

Status take_line(std::string& field, const std::string& text) {
  Result<std::string> line = parse_line(text);
  if (!line) return std::move(line).error();
  field = *std::move(line);
  return {};
}

}  // namespace

FlagSpec row(std::string_view names, std::string_view words, CommandSet commands, FlagSpec kind,
             Remembered remembered) {
  const std::size_t comma = names.find(',');
  if (comma != std::string_view::npos) kind.short_name = names.substr(0, comma);
  kind.long_name = names.substr(names.find("--"));
  kind.words.insert(0, words);
  kind.commands = commands;
  kind.is_remembered = remembered == Remembered::yes;
  return kind;
}

std::vector<FlagSpec> section(std::string_view title, std::vector<FlagSpec> rows) {
  for (FlagSpec& flag : rows) flag.section = title;
  return rows;
}

FlagSpec size(std::uint64_t& field, std::uint64_t low, std::uint64_t high, std::string_view shown) {
  const auto take = [&field, low, high](const std::string& text) -> Status {
    const Result<std::uint64_t> bytes = parse_size(text, low, high);
    if (!bytes) return bytes.error();
    field = *bytes;
    return {};
  };
  return {.value_name = "SIZE",
          .words = fmt::format(" [{}]", shown.empty() ? size_text(field) : std::string(shown)),
          .take = take,
          .written = written_unless_default(field, size_text)};
}

FlagSpec limit_size(std::uint64_t& field, std::uint64_t low, std::uint64_t high) {
  FlagSpec spec = size(field, low, high);
  spec.take = [&field, take = spec.take](const std::string& text) -> Status {
    if (parse_size(text, 0, 0)) return field = 0, Status();
    Status taken = take(text);
    return taken ? Status() : Error{taken.error().message + ", or 0 for no limit"};
  };
  return spec;
}

FlagSpec toggle(bool& field) {
  return {.take = [&field](const std::string&) { return field = true, Status{}; },
          .written = written_unless_default(field, [](bool) { return std::string(); })};
}

FlagSpec list(std::string_view value_name, std::vector<std::string>& field) {
  return {.value_name = std::string(value_name),
          .repeat = FlagSpec::Repeat::all_count,
          .take = [&field](const std::string& text) { return field.push_back(text), Status{}; },
          .written = [&field] { return field; }};
}

FlagSpec text(std::string_view value_name, std::string& field, TakeText take) {
  return {.value_name = std::string(value_name),
          .take = [&field, take](const std::string& text) { return take(field, text); },
          .written = written_unless_default(field, itself)};
}

FlagSpec line(std::string_view value_name, std::string& field) { return text(value_name, field, take_line); }

Error not_a_choice(std::string_view text, const std::vector<std::string>& choices) {
  return {fmt::format("invalid value \"{}\"; expected {}", escape_for_terminal(text, 60), to_text(choices))};
}

}  // namespace doutu

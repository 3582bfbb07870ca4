// Kinds of flags: how a field is read from text, written as text, and how its default is shown. A row of the table of
// flags is its names, its words, the commands that take it, and one of these. One thread.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crawler/command_line/flag_value.h"
#include "crawler/request/command_spec.h"
#include "shared/base/clock.h"

namespace doutu {

enum class Remembered { yes, no };

/// Names are "--long" or "-s,--long". The default that a kind shows stands behind the words.
[[nodiscard]] FlagSpec row(std::string_view names, std::string_view words, CommandSet commands, FlagSpec kind,
                           Remembered remembered = Remembered::yes);

/// The rows, under their heading.
[[nodiscard]] std::vector<FlagSpec> section(std::string_view title, std::vector<FlagSpec> rows);

// --- Each kind is bound to a field, which has its default now and outlives the row.

/// For FlagSpec::written.
template <class Field, class ToText>
auto written_unless_default(const Field& field, ToText to_text) {
  return [&field, by_default = field, to_text]() -> FlagSpec::Texts {
    if (field == by_default) return {};
    return {to_text(field)};
  };
}

template <class Number>
FlagSpec count(Number& field, std::uint64_t low, std::uint64_t high) {
  const auto take = [&field, low, high](const std::string& text) -> Status {
    const Result<std::uint64_t> number = parse_count(text, low, high);
    if (!number) return number.error();
    field = static_cast<Number>(*number);
    return {};
  };
  return {.value_name = "N",
          .words = fmt::format(" [{}]", field),
          .take = take,
          .written = written_unless_default(field, [](Number number) { return std::to_string(number); })};
}

template <class Time>
FlagSpec time(Time& field, milliseconds low, milliseconds high) {
  const auto take = [&field, low, high](const std::string& text) -> Status {
    const Result<milliseconds> time = parse_seconds(text, low, high);
    if (!time) return time.error();
    field = std::chrono::ceil<Time>(*time);
    return {};
  };
  return {.value_name = "SEC",
          .words = fmt::format(" [{}]", seconds_text(field)),
          .take = take,
          .written = written_unless_default(field, seconds_text)};
}

/// `shown`: the default, where it is not the number that the field has.
FlagSpec size(std::uint64_t& field, std::uint64_t low, std::uint64_t high, std::string_view shown = {});

/// 0 is no limit, which the words of the row say, and low the least that is one.
FlagSpec limit_size(std::uint64_t& field, std::uint64_t low, std::uint64_t high);

FlagSpec toggle(bool& field);

/// Several such flags may set one field: the last one counts.
template <class Value>
FlagSpec value(Value& field, Value set_to) {
  return {.take = [&field, set_to](const std::string&) { return field = set_to, Status{}; },
          .written = [&field, set_to] { return field == set_to ? FlagSpec::Texts{""} : FlagSpec::Texts{}; }};
}

/// Repeatable; an element is taken as it stands.
FlagSpec list(std::string_view value_name, std::vector<std::string>& field);

/// A text that `take` checks and puts into the field.
using TakeText = Status (*)(std::string& field, const std::string& text);
FlagSpec text(std::string_view value_name, std::string& field, TakeText take);

/// A text of one line, see parse_line().
FlagSpec line(std::string_view value_name, std::string& field);

template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

[[nodiscard]] Error not_a_choice(std::string_view text, const std::vector<std::string>& choices);

/// One of the choices, each with the value it stands for.
template <class Value>
FlagSpec choice(std::string_view value_name, Value& field, const Choices<Value>& choices) {
  FlagSpec::Texts texts;
  for (const auto& choice : choices) texts.push_back(choice.first);
  const auto take = [&field, choices, texts](const std::string& text) -> Status {
    for (const auto& [name, value] : choices) {
      if (text == name) return field = value, Status{};
    }
    return not_a_choice(text, texts);
  };
  const auto name_of = [choices](const Value& wanted) {
    for (const auto& [name, value] : choices) {
      if (value == wanted) return name;
    }
    return std::string();
  };
  return {.value_name = std::string(value_name),
          .choices = texts,
          .take = take,
          .written = written_unless_default(field, name_of)};
}

}  // namespace doutu

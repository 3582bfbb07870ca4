// Flags: declares the flags of one command, with one call for each. One thread.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crawler/command_line/command_spec.h"
#include "crawler/command_line/flag_value.h"
#include "shared/base/clock.h"

namespace doutu {

/// A default shown in the help is the value that the target has; the target outlives the flags. Names are "--long" or
/// "-s,--long".
class Flags {
 public:
  using Take = std::function<Status(const std::string&)>;

  explicit Flags(std::vector<FlagSpec>& flags) : flags_(flags) {}

  /// The heading of what follows.
  void section(std::string_view title) { section_ = title; }

  FlagSpec& value(std::string_view names, std::string_view value_name, std::string words, Take take);
  /// One of the choices, each with the value it stands for.
  template <class Value>
  FlagSpec& choice(std::string_view names, std::string_view value_name, const std::string& words,
                   const std::vector<std::pair<std::string, Value>>& choices, Value& target) {
    std::vector<std::string> texts;
    texts.reserve(choices.size());
    for (const auto& choice : choices) texts.push_back(choice.first);
    const auto take = [choices, texts, &target](const std::string& text) -> Status {
      for (const auto& [name, value] : choices) {
        if (text == name) return target = value, Status{};
      }
      return not_a_choice(text, texts);
    };
    FlagSpec& flag = value(names, value_name, words, take);
    flag.choices = texts;
    return flag;
  }

  /// A text of one line, see parse_line().
  FlagSpec& line(std::string_view names, std::string_view value_name, std::string words, std::string& target);
  /// Repeatable; an element is taken as it stands.
  FlagSpec& list(std::string_view names, std::string_view value_name, std::string words,
                 std::vector<std::string>& target);
  FlagSpec& toggle(std::string_view names, std::string words, bool& target);
  void help_flag();

  template <class Number>
  void count(std::string_view names, std::string_view words, Number& target, std::uint64_t low, std::uint64_t high) {
    value(names, "N", fmt::format("{} [{}]", words, target), [&target, low, high](const std::string& text) -> Status {
      const Result<std::uint64_t> number = parse_count(text, low, high);
      if (!number) return number.error();
      target = static_cast<Number>(*number);
      return {};
    });
  }

  template <class Time>
  void time(std::string_view names, std::string_view words, Time& target, milliseconds low, milliseconds high) {
    value(names, "SEC", fmt::format("{} [{}]", words, seconds_text(target)),
          [&target, low, high](const std::string& text) -> Status {
            const Result<milliseconds> time = parse_seconds(text, low, high);
            if (!time) return time.error();
            target = std::chrono::ceil<Time>(*time);
            return {};
          });
  }

  /// `shown`: the default, where it is not the number that the target has.
  void size(std::string_view names, std::string_view words, std::uint64_t& target, std::uint64_t low,
            std::uint64_t high, std::string_view shown = {});

 private:
  static Error not_a_choice(std::string_view text, const std::vector<std::string>& choices);

  std::vector<FlagSpec>& flags_;
  std::string section_;
};

}  // namespace doutu

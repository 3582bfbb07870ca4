// What the commands of doutu and their flags are called: data, declared once in command_line.cpp. The parser, the help,
// the completions of the shells, and the test that manual and README name the same follow from it. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace doutu {

struct FlagSpec {
  enum class Repeat { last_counts, all_count };

  std::string section;        ///< "Patience": its heading in the help.
  std::string short_name;     ///< "-d"; empty: none.
  std::string long_name;      ///< "--directory".
  std::string value_name;     ///< "DIR"; empty: it takes no value. DIR and FILE are completed as what they are.
  std::string words;          ///< What it is for, and the default in brackets.
  bool is_remembered = true;  ///< By the folder, for a crawl that goes on there.
  std::vector<std::string> choices{};  ///< All the values there are; empty: any.
  Repeat repeat = Repeat::last_counts;
  std::function<Status(const std::string& value)> take{};  ///< The value is empty for a flag that takes none.
};

/// A flag as it was given: "--wait" and "0.5"; no value for a flag that takes none.
struct GivenFlag {
  std::string name;  ///< The long one.
  std::string value{};
  bool operator==(const GivenFlag&) const = default;
};

struct CommandSpec {
  enum class Shown { yes, no };

  std::string name;        ///< "crawl".
  std::string summary{};   ///< One line for the list of commands.
  std::string intro{};     ///< What its help begins with; empty: it has none of its own.
  std::string argument{};  ///< What it takes beside flags: DIR and COMMAND are completed as what they are.
  std::vector<FlagSpec> flags{};
  Shown shown = Shown::yes;  ///< In help and completions.
};

}  // namespace doutu

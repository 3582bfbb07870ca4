// What the commands of doutu and their flags are called: data, declared once in flag_table.cpp. Parser, help,
// completions, folder memory and probe's suggestion follow from it. So does the test that manual and README name the
// same flags. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace doutu {

/// The commands that take a flag, as bits.
using CommandSet = unsigned;
inline constexpr CommandSet kCrawl = 1;
inline constexpr CommandSet kDemo = 2;
inline constexpr CommandSet kStatus = 4;
inline constexpr CommandSet kProbe = 8;

/// A row of the table of flags.
struct FlagSpec {
  enum class Repeat { last_counts, all_count };
  using Texts = std::vector<std::string>;

  std::string section{};      ///< "Limits": its heading in the help.
  std::string short_name{};   ///< "-d"; empty: none.
  std::string long_name{};    ///< "--directory".
  std::string value_name{};   ///< "DIR"; empty: it takes no value. DIR and FILE are completed as what they are.
  std::string words{};        ///< What it is for, and the default in brackets.
  CommandSet commands = 0;    ///< That take it.
  bool is_remembered = true;  ///< By the folder, for a crawl that goes on there.
  Texts choices{};            ///< All the values there are; empty: any.
  Repeat repeat = Repeat::last_counts;
  /// Reads a value into the field. The value is empty for a flag that takes none.
  std::function<Status(const std::string& value)> take = [](const std::string&) { return Status{}; };
  /// The values that the field's value is written as; none where it is the default.
  std::function<Texts()> written = [] { return Texts{}; };
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

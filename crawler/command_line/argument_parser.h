// Reads a command line by the declarations of its commands: CLI11 behind a narrow door. One thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/request/command_spec.h"

namespace doutu {

struct Arguments {
  enum class Wants { run, help, version };

  Wants wants = Wants::run;
  const CommandSpec* command = nullptr;  ///< Null: none was named.
  std::vector<std::string> rest;         ///< What is no flag.
  std::vector<GivenFlag> flags;          ///< Each value, but for those that a later one replaced.

  [[nodiscard]] bool has(std::string_view long_name) const;
};

/// What was read before an error stays in arguments, so that the caller can name the command's help.
class ArgumentParser {
 public:
  /// The declarations outlive it.
  explicit ArgumentParser(std::span<const CommandSpec> commands) : commands_(commands) {}

  /// Hands each value to its flag's take. An error is one line that names flag and value, and the flag or command that
  /// may have been meant. "--" ends the flags.
  [[nodiscard]] Status parse(int argc, const char* const* argv, Arguments& arguments) const;

  [[nodiscard]] Error unknown_command(const std::string& text) const;

 private:
  [[nodiscard]] Error unknown_flag(const CommandSpec* command, const std::string& text) const;

  const std::span<const CommandSpec> commands_;
};

}  // namespace doutu

#include "crawler/command_line/completions.h"

#include <fmt/format.h>

#include <vector>

namespace doutu {
namespace {

using Commands = std::span<const CommandSpec>;

std::vector<CommandSpec> shown_of(Commands commands) {
  std::vector<CommandSpec> shown;
  for (const CommandSpec& command : commands) {
    if (command.shown == CommandSpec::Shown::yes) shown.push_back(command);
  }
  return shown;
}

std::string names_of(Commands commands) {
  std::string names;
  for (const CommandSpec& command : commands) names += (names.empty() ? "" : " ") + command.name;
  return names;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

/// What a flag is for, without the default.
std::string brief(const FlagSpec& flag) { return flag.words.substr(0, flag.words.find(" [")); }

/// Between single quotes, as all three shells read them.
std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

// --- bash: one function; a value by the word before it, else flags and arguments of the command.

constexpr std::string_view kBashBegin = R"(# bash completion for doutu

_doutu() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= words=
  ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  case $command in
)";

constexpr std::string_view kBashEnd = R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _doutu doutu
)";

constexpr std::string_view kBashFolders = "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")";
constexpr std::string_view kBashFiles = "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";

std::string bash_names(const FlagSpec& flag, std::string_view between) {
  return flag.short_name.empty() ? flag.long_name : fmt::format("{}{}{}", flag.short_name, between, flag.long_name);
}

/// What completes a value; empty: nothing does.
std::string bash_action(const FlagSpec& flag) {
  if (!flag.choices.empty()) {
    return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")", joined(flag.choices));
  }
  if (flag.value_name == "DIR") return std::string(kBashFolders);
  return flag.value_name == "FILE" ? std::string(kBashFiles) : "";
}

std::string bash_values(const CommandSpec& command) {
  std::string cases;
  std::string others;
  for (const FlagSpec& flag : command.flags) {
    if (flag.value_name.empty()) continue;
    const std::string action = bash_action(flag);
    if (action.empty()) {
      others += (others.empty() ? "" : "|") + bash_names(flag, "|");
    } else {
      cases += fmt::format("        {}) {}; return ;;\n", bash_names(flag, "|"), action);
    }
  }
  if (!others.empty()) cases += fmt::format("        {}) return ;;\n", others);
  return cases.empty() ? "" : fmt::format("      case $prev in\n{}      esac\n", cases);
}

std::string bash_command(const CommandSpec& command, Commands commands) {
  std::string words = command.argument == "COMMAND" ? names_of(commands) : "";
  for (const FlagSpec& flag : command.flags) words += (words.empty() ? "" : " ") + bash_names(flag, " ");
  std::string text = fmt::format("    {})\n{}", command.name, bash_values(command));
  if (command.argument == "DIR") text += fmt::format("      [[ $cur != -* ]] && {{ {}; return; }}\n", kBashFolders);
  return text + fmt::format("      words='{}' ;;\n", words);
}

std::string bash(Commands commands) {
  std::string text(kBashBegin);
  text += fmt::format("    '') words='{} -h --help --version' ;;\n", names_of(commands));
  for (const CommandSpec& command : commands) text += bash_command(command, commands);
  return text.append(kBashEnd);
}

// --- zsh: _arguments for each command.

constexpr std::string_view kZshBegin = R"(#compdef doutu

_doutu() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands=(
)";

constexpr std::string_view kZshMiddle = R"(  )
  _arguments -C \
    '(- *)'{-h,--help}'[print this help]' \
    '(- *)--version[print the version]' \
    '1: :->command' \
    '*:: :->rest' && return
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $words[1] in
)";

constexpr std::string_view kZshEnd = R"(  esac
}

_doutu "$@"
)";

std::string zsh_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

/// The action that completes a value; a blank: nothing to propose.
std::string zsh_action(std::string_view value_name, const std::vector<std::string>& choices) {
  if (!choices.empty()) return fmt::format("({})", joined(choices));
  if (value_name == "DIR") return "_files -/";
  if (value_name == "FILE") return "_files";
  return value_name == "COMMAND" ? "{_describe command commands}" : " ";
}

std::string zsh_flag(const FlagSpec& flag) {
  std::string rest = fmt::format("[{}]", zsh_escaped(brief(flag)));
  if (!flag.value_name.empty()) {
    rest += fmt::format(":{}:{}", flag.value_name, zsh_action(flag.value_name, flag.choices));
  }
  if (flag.repeat == FlagSpec::Repeat::all_count) {
    if (flag.short_name.empty()) return quoted("*" + flag.long_name + rest);
    return fmt::format("'*'{{{},{}}}{}", flag.short_name, flag.long_name, quoted(rest));
  }
  if (flag.short_name.empty()) return quoted(flag.long_name + rest);
  return fmt::format("'({0} {1})'{{{0},{1}}}{2}", flag.short_name, flag.long_name, quoted(rest));
}

std::string zsh_command(const CommandSpec& command) {
  std::string text = fmt::format("    {})\n      _arguments", command.name);
  for (const FlagSpec& flag : command.flags) text += fmt::format(" \\\n        {}", zsh_flag(flag));
  if (!command.argument.empty()) {
    text += fmt::format(" \\\n        '1:{}:{}'", command.argument, zsh_action(command.argument, {}));
  }
  return text + " ;;\n";
}

std::string zsh(Commands commands) {
  std::string text(kZshBegin);
  for (const CommandSpec& command : commands) {
    text += fmt::format("    {}\n", quoted(fmt::format("{}:{}", command.name, command.summary)));
  }
  text += kZshMiddle;
  for (const CommandSpec& command : commands) text += zsh_command(command);
  return text.append(kZshEnd);
}

// --- fish: a line for each flag.

std::string fish_action(std::string_view value_name, const std::vector<std::string>& choices, Commands commands) {
  if (!choices.empty()) return fmt::format(" -xa '{}'", joined(choices));
  if (value_name == "DIR") return " -xa '(__fish_complete_directories)'";
  if (value_name == "FILE") return " -rF";
  return value_name == "COMMAND" ? fmt::format(" -xa '{}'", names_of(commands)) : " -x";
}

std::string fish_flag(const FlagSpec& flag, std::string_view condition, Commands commands) {
  std::string line = fmt::format("complete -c doutu -n '{}'", condition);
  if (!flag.short_name.empty()) line += fmt::format(" -s {}", flag.short_name.substr(1));
  line += fmt::format(" -l {}", flag.long_name.substr(2));
  if (!flag.value_name.empty()) line += fish_action(flag.value_name, flag.choices, commands);
  return line + fmt::format(" -d {}\n", quoted(brief(flag)));
}

std::string fish_command(const CommandSpec& command, Commands commands) {
  const std::string condition = fmt::format("__fish_seen_subcommand_from {}", command.name);
  std::string text =
      fmt::format("\ncomplete -c doutu -n __fish_use_subcommand -a {} -d {}\n", command.name, quoted(command.summary));
  for (const FlagSpec& flag : command.flags) text += fish_flag(flag, condition, commands);
  if (!command.argument.empty()) {
    text += fmt::format("complete -c doutu -n '{}'{}\n", condition, fish_action(command.argument, {}, commands));
  }
  return text;
}

std::string fish(Commands commands) {
  std::string text =
      "# fish completion for doutu\ncomplete -c doutu -f\n"
      "complete -c doutu -n __fish_use_subcommand -s h -l help -d 'print this help'\n"
      "complete -c doutu -n __fish_use_subcommand -l version -d 'print the version'\n";
  for (const CommandSpec& command : commands) text += fish_command(command, commands);
  return text;
}

}  // namespace

std::optional<std::string> completions_for(std::string_view shell, Commands commands) {
  const std::vector<CommandSpec> shown = shown_of(commands);
  if (shell == "bash") return bash(shown);
  if (shell == "zsh") return zsh(shown);
  if (shell == "fish") return fish(shown);
  return std::nullopt;
}

}  // namespace doutu

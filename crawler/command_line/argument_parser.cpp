#include "crawler/command_line/argument_parser.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "crawler/command_line/foreign_flags.h"
#include "shared/base/escape.h"
#include "shared/base/nearest_word.h"

namespace doutu {
namespace {

constexpr std::string_view kHelpFlags = "-h,--help";
constexpr std::size_t kShown = 200;  // bytes of wrong input in an error

std::string cli_names(const FlagSpec& flag) {
  return flag.short_name.empty() ? flag.long_name : flag.short_name + "," + flag.long_name;
}

void hand_over(const FlagSpec& flag, const std::string& value) {
  if (const Status taken = flag.take(value); !taken) throw CLI::ValidationError(flag.long_name, taken.error().message);
}

void declare_toggle(CLI::App& app, const FlagSpec& flag) {
  const auto take = [&flag](std::int64_t) { hand_over(flag, ""); };
  // In the order in which they are given: of two for one field the last one counts.
  app.add_flag_function(cli_names(flag), take)->disable_flag_override()->trigger_on_parse();
}

void declare_value(CLI::App& app, const FlagSpec& flag) {
  using Values = std::vector<std::string>;
  const auto take = [&flag](const Values& values) {
    const bool all = flag.repeat == FlagSpec::Repeat::all_count;
    for (auto value = all ? values.begin() : values.end() - 1; value != values.end(); ++value) hand_over(flag, *value);
  };
  // One value each time, or "--xpath X URL" would take the URL too.
  app.add_option_function<Values>(cli_names(flag), take)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void declare(CLI::App& app, const FlagSpec& flag) {
  if (cli_names(flag) == kHelpFlags) return;
  if (flag.value_name.empty()) {
    declare_toggle(app, flag);
  } else {
    declare_value(app, flag);
  }
}

std::vector<std::string> names_of(const CommandSpec& command) {
  std::vector<std::string> names;
  for (const FlagSpec& flag : command.flags) names.push_back(flag.long_name);
  return names;
}

std::vector<std::string> names_of(std::span<const CommandSpec> commands) {
  std::vector<std::string> names;
  for (const CommandSpec& command : commands) {
    if (command.shown == CommandSpec::Shown::yes) names.push_back(command.name);
  }
  return names;
}

bool has_flag(const CommandSpec& command, std::string_view name) {
  return std::ranges::any_of(command.flags,
                             [name](const auto& flag) { return flag.long_name == name || flag.short_name == name; });
}

/// "doutu status and doutu probe": the commands that have such a flag.
std::string owners_of(std::string_view name, std::span<const CommandSpec> commands) {
  std::string owners;
  for (const CommandSpec& command : commands) {
    if (has_flag(command, name)) owners += (owners.empty() ? "doutu " : " and doutu ") + command.name;
  }
  return owners;
}

/// The flags that an answer names.
std::vector<std::string_view> flags_in(std::string_view answer) {
  std::vector<std::string_view> flags;
  for (std::size_t at = answer.find("--"); at != std::string_view::npos; at = answer.find("--", at + 1)) {
    const std::size_t end = answer.find_first_of(" ,;:)'", at);
    flags.push_back(answer.substr(at, end - at));
  }
  return flags;
}

/// Whether this command may say so: it has the flags, and what is said of pages and images concerns it.
bool holds_for(const CommandSpec& command, std::string_view answer) {
  const auto flags = flags_in(answer);
  const bool has_all = std::ranges::all_of(flags, [&command](auto flag) { return has_flag(command, flag); });
  const bool concerns_it = !flags.empty() || command.argument == "URL-TEMPLATE";
  return has_all && concerns_it && answer.find("doutu " + command.name) == std::string_view::npos;
}

Error with_guess(std::string problem, const std::string& mistyped, const std::vector<std::string>& words) {
  const auto nearest = nearest_word(mistyped, words);
  if (!nearest) return {std::move(problem)};
  return {fmt::format("{}; did you mean {}?", problem, *nearest)};
}

/// CLI11 says "--flag: 1 required TEXT missing", and "flag was given a disallowed ..." for a value that is too much.
Error wrong_value(std::string_view story) {
  if (!story.starts_with('-')) return {fmt::format("--{} takes no value", story.substr(0, story.find(' ')))};
  return {fmt::format("{}: the value is missing", story.substr(0, story.find(':')))};
}

/// The declarations as CLI11 wants them.
class Cli {
 public:
  explicit Cli(std::span<const CommandSpec> commands) : commands_(commands) {
    app_.set_help_flag(std::string(kHelpFlags));
    app_.add_flag("--version", version_);
    app_.require_subcommand(0, 1);  // so that a second one counts as an argument of the first
    app_.allow_extras();
    for (const CommandSpec& command : commands) {
      CLI::App& sub = *app_.add_subcommand(command.name);
      sub.allow_extras();
      for (const FlagSpec& flag : command.flags) declare(sub, flag);
    }
  }

  /// words: without the program's name, to be read from the back.
  Status parse(std::vector<std::string> words, Arguments& arguments) {
    Status status = parse_or_say_why(std::move(words), arguments);
    const auto named = std::ranges::find_if(commands_, [&](const auto& c) { return app_.got_subcommand(c.name); });
    if (named != commands_.end()) arguments.command = &*named;
    if (!status || arguments.wants == Arguments::Wants::help) return status;
    if (!app_.remaining().empty()) arguments.command = nullptr;  // what stands before a command is no flag of it
    const CLI::App& used = arguments.command == nullptr ? app_ : *app_.get_subcommand(arguments.command->name);
    arguments.rest = used.remaining();
    if (arguments.command != nullptr) note_flags(used, *arguments.command, arguments.flags);
    return status;
  }

 private:
  Status parse_or_say_why(std::vector<std::string> words, Arguments& arguments) {
    try {
      app_.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
      arguments.wants = Arguments::Wants::help;
    } catch (const CLI::ArgumentMismatch& error) {
      return wrong_value(error.what());
    } catch (const CLI::Error& error) {
      return Error{escape_for_terminal(error.what())};
    }
    if (version_) arguments.wants = Arguments::Wants::version;
    return {};
  }

  static void note_flags(const CLI::App& used, const CommandSpec& command, std::vector<GivenFlag>& flags) {
    for (const FlagSpec& flag : command.flags) {
      const CLI::Option* const found = used.get_option_no_throw(flag.long_name);
      if (found == nullptr || found->count() == 0) continue;
      const CLI::Option& option = *found;
      const bool takes_none = flag.value_name.empty();
      const std::vector<std::string> values = takes_none ? std::vector<std::string>{""} : option.results();
      const bool all = flag.repeat == FlagSpec::Repeat::all_count;
      for (auto value = all ? values.begin() : values.end() - 1; value != values.end(); ++value) {
        flags.push_back({flag.long_name, *value});
      }
    }
  }

  const std::span<const CommandSpec> commands_;
  CLI::App app_;
  bool version_ = false;
};

/// Of a flag as it was written: values may be secrets. "-ume:sesame" of curl is -u.
std::string name_without_value(const std::string& text) {
  std::string name = text.substr(0, text.find('='));
  const bool is_short = name.size() > 2 && name[1] != '-';
  if (is_short && !is_foreign_flag(name) && answer_to_foreign_flag(name)) name.resize(2);
  return name;
}

}  // namespace

bool Arguments::has(std::string_view long_name) const {
  return std::ranges::find(flags, long_name, &GivenFlag::name) != flags.end();
}

Error ArgumentParser::unknown_flag(const CommandSpec* command, const std::string& text) const {
  const std::string name = name_without_value(text);
  const std::string problem = fmt::format("unknown option \"{}\"", escape_for_terminal(name, kShown));
  if (const auto owners = owners_of(name, commands_); !owners.empty()) {
    return {fmt::format("{}; it is an option of {}", problem, owners)};
  }
  const auto answer = answer_to_foreign_flag(name);
  if (answer && (command == nullptr || holds_for(*command, *answer))) {
    return {fmt::format("{}; {}", problem, *answer)};
  }
  return with_guess(problem, name, command != nullptr ? names_of(*command) : std::vector<std::string>{"--version"});
}

Error ArgumentParser::unknown_command(const std::string& text) const {
  const auto names = names_of(commands_);
  const std::string problem =
      fmt::format("unknown command \"{}\"; expected {}", escape_for_terminal(text, 60), fmt::join(names, ", "));
  return with_guess(problem, text, names);
}

Status ArgumentParser::parse(int argc, const char* const* argv, Arguments& arguments) const {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto end_of_flags = std::ranges::find(words, "--");
  std::vector<std::string> before(words.begin(), end_of_flags);
  std::ranges::reverse(before);
  if (Status read = Cli(commands_).parse(std::move(before), arguments); !read) return read;
  const auto flag = std::ranges::find_if(arguments.rest, [](const auto& text) { return text.starts_with('-'); });
  if (flag != arguments.rest.end()) return unknown_flag(arguments.command, *flag);
  if (end_of_flags != words.end()) arguments.rest.insert(arguments.rest.end(), end_of_flags + 1, words.end());
  if (arguments.command == nullptr && !arguments.rest.empty()) return unknown_command(arguments.rest.front());
  return {};
}

}  // namespace doutu

#include "crawler/command_line/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <sstream>
#include <utility>

#include "crawler/command_line/argument_parser.h"
#include "crawler/command_line/checked_value.h"
#include "crawler/command_line/completions.h"
#include "crawler/command_line/flag_table.h"
#include "crawler/command_line/header_file.h"
#include "crawler/command_line/help_intros.h"
#include "crawler/command_line/help_text.h"
#include "crawler/command_line/parsed_options.h"
#include "crawler/command_line/password_prompt.h"
#include "crawler/request/before_file.h"
#include "crawler/request/kept_login.h"
#include "crawler/request/url_template.h"
#include "crawler/text/folder_path.h"
#include "crawler/text/standard_output.h"
#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

Status take_template(CrawlCommand& crawl, const std::string& text) {
  const Result<UrlTemplate> url_template = UrlTemplate::parse(text);
  if (!url_template) return url_template.error();
  crawl.url_template = text;
  return {};
}

CommandSpec crawl_command(ParsedOptions& parsed) {
  return {.name = "crawl",
          .summary = "save the images of a range of pages",
          .intro = std::string(kCrawlHelp),
          .argument = "URL-TEMPLATE",
          .flags = flags_of(kCrawl, parsed)};
}

CommandSpec demo_command(ParsedOptions& parsed) {
  parsed.crawl.settings.folder.directory = "img/demo";
  return {.name = "demo",
          .summary = "crawl a small site that doutu serves on this machine",
          .intro = std::string(kDemoHelp),
          .flags = flags_of(kDemo, parsed)};
}

CommandSpec status_command(ParsedOptions& parsed) {
  return {.name = "status",
          .summary = "show what a crawl is doing, or did",
          .intro = std::string(kStatusHelp),
          .argument = "DIR",
          .flags = flags_of(kStatus, parsed)};
}

CommandSpec probe_command(ParsedOptions& parsed) {
  return {.name = "probe",
          .summary = "show what an XPath finds on a page, or suggest one",
          .intro = std::string(kProbeHelp),
          .argument = "URL",
          .flags = flags_of(kProbe, parsed)};
}

/// Of several URLs; the number of URLs bounds what a slip can be.
Status take_plain_url(CrawlCommand& crawl, const std::string& text) {
  if (text.find_first_of("{}") != std::string::npos) {
    return Error{
        fmt::format("\"{}\" has a placeholder, which works only where it is the only URL; write %7B and %7D for "
                    "braces that are part of the URL",
                    escape_url(text, 200))};
  }
  if (!normalise_url(text)) return Error{fmt::format("\"{}\" is not an http or https URL", escape_url(text, 200))};
  crawl.urls.push_back(text);
  return {};
}

/// The template, or several URLs, or the list that --input-file names.
Status take_urls(ParsedOptions& parsed, const std::vector<std::string>& rest) {
  CrawlCommand& crawl = parsed.crawl;
  if (!crawl.input_file.empty() && !rest.empty()) {
    return Error{
        fmt::format("--input-file and the URL \"{}\" contradict each other; give only one", escape_url(rest[0], 200))};
  }
  if (crawl.input_file == "-" && std::ranges::any_of(parsed.header_flags, names_standard_input)) {
    return Error{"standard input can be read only once: give either --input-file - or --header -"};
  }
  // Of images a single URL is a list, too.
  if (rest.size() == 1 && !crawl.settings.page.direct) {
    const Status taken = take_template(crawl, rest.front());
    return taken ? Status() : Error{"URL-TEMPLATE: " + taken.error().message};
  }
  for (const std::string& text : rest) {
    if (Status taken = take_plain_url(crawl, text); !taken) return taken;
  }
  const bool is_list = !crawl.urls.empty() || !crawl.input_file.empty();
  if (is_list && crawl.pages) return Error{"--pages works only with a single URL: a list names each page itself"};
  return {};
}

Status complete(ParsedOptions& parsed, bool progress_given) {
  if (parsed.quiet && parsed.verbose) return Error{"--quiet and --verbose contradict each other; give only one"};
  CrawlCommand& crawl = parsed.crawl;
  if (parsed.quiet) crawl.verbosity = Verbosity::quiet;
  if (parsed.allow_empty) crawl.empty_pages = EmptyPages::are_fine;
  if (parsed.verbose) crawl.verbosity = Verbosity::verbose;
  if (parsed.quiet && !progress_given) crawl.progress = ProgressMode::none;
  crawl.settings.politeness.retry_wait_max =
      std::max(crawl.settings.politeness.retry_wait, crawl.settings.politeness.retry_wait_max);
  return {};
}

constexpr const char* kSeesPassword =
    "every user of this machine can see the password on the command line (in ps); --user NAME asks for it instead";

/// Whether a URL has a password in front of its host.
bool has_password(const std::string& url) {
  std::string rest = url;
  return take_login(rest).find(':') != std::string::npos;
}

/// As a crawl of this URL does.
void log_in_by_url(CrawlSettings& settings, std::string url) {
  const std::string login = take_login(url);
  if (login.empty()) return;
  settings.login.user = plain_login(login);
  settings.login.is_unasked = true;
}

/// Asks for the one that --user lacks, and says who may see one that was typed.
Status know_password(ParsedOptions& parsed, const Arguments& arguments) {
  std::string& user = parsed.crawl.settings.login.user;
  const bool is_in_url = std::ranges::any_of(arguments.rest, has_password);
  if (is_in_url && !user.empty()) return Error{"--user and the login in the URL contradict each other; give only one"};
  if (is_in_url || user.find(':') != std::string::npos) parsed.crawl.warnings.emplace_back(kSeesPassword);
  if (user.empty() || user.find(':') != std::string::npos) return {};
  const auto answer = ask_for_password(fmt::format("password of {}: ", escape_for_terminal(user, 200)));
  if (const auto* password = std::get_if<std::string>(&answer)) return take_user(user, user + ":" + *password);
  if (std::get<NoPassword>(answer) == NoPassword::given_up) return Error{"--user: no password was given"};
  return Error{
      "--user: there is no terminal to ask for the password on; give the header Authorization in a file (--header "
      "@FILE), or --user NAME:PASSWORD, which every user of this machine can see"};
}

/// In values that mean the same at another time and place: the lines of a file of headers, absolute paths.
std::vector<GivenFlag> remembered_flags(const Arguments& arguments, const CrawlCommand& crawl) {
  const CrawlSettings& settings = crawl.settings;
  std::vector<GivenFlag> flags;
  for (const GivenFlag& given : arguments.flags) {
    const auto spec = std::ranges::find(arguments.command->flags, given.name, &FlagSpec::long_name);
    // With what their files have.
    const bool is_expanded = given.name == "--header" || given.name == "--user" || given.name == "--before";
    if (!spec->is_remembered || is_expanded) continue;
    const bool is_overruled = spec->value_name.empty() && spec->written().empty();  // By a later one for its field.
    if (is_overruled) continue;
    auto path = spec->value_name == "FILE" ? absolute_folder(given.value) : given.value;
    flags.push_back({given.name, path ? *std::move(path) : given.value});
  }
  for (const std::string& line : settings.http.headers) flags.push_back({"--header", line});
  if (!settings.login.user.empty()) flags.push_back({"--user", settings.login.user});
  for (const BeforeRequest& request : crawl.before) flags.push_back({"--before", before_value(request)});
  return flags;
}

/// What probe looks at, normalised.
Result<std::string> url_of_page(const std::string& text) {
  if (text.find("{page") != std::string::npos) {
    return Error{"probe reads one page; replace {page} with a number"};
  }
  std::optional<std::string> url = normalise_url(text);
  if (url) return *std::move(url);
  return Error{fmt::format("\"{}\" is not an http or https URL; example: https://example.com/list?page=1",
                           escape_url(text, 200))};
}

Error unexpected(const std::string& argument) {
  return {fmt::format("unexpected argument \"{}\"", escape_url(argument, 200))};
}

Error no_remembered_flag(const std::string& name) {
  return {fmt::format("--forget: \"{}\" is not an option that a folder remembers", escape_for_terminal(name, 60))};
}

/// doutu and its commands.
class CommandLine {
 public:
  /// What the arguments ask for; text goes to out.
  Result<Command> command(const Arguments& arguments, std::ostream& out) {
    if (arguments.wants == Arguments::Wants::version) return say(out, "doutu " DOUTU_VERSION "\n");
    if (arguments.wants == Arguments::Wants::help || arguments.command == nullptr) {
      return say(out, help(arguments.command));
    }
    const std::string& name = arguments.command->name;
    if (name == "crawl") return crawl(arguments);
    if (name == "demo") return demo(arguments);
    if (name == "status") return status(arguments);
    if (name == "probe") return probe(arguments);
    if (name == "demo-site") return Command(DemoSiteCommand{});
    if (name == "completions") return completions(arguments.rest, out);
    return help_on(arguments.rest, out);
  }

  [[nodiscard]] const std::vector<CommandSpec>& commands() const { return commands_; }

 private:
  static Command say(std::ostream& out, std::string_view text) {
    out << text;
    return ExitCommand{0};
  }

  [[nodiscard]] std::string help(const CommandSpec* command) const {
    if (command != nullptr && !command->intro.empty()) return help_text(*command);
    return fmt::format("{}{}{}", kHelp, command_list(commands_), kHelpEnd);
  }

  Result<Command> crawl(const Arguments& arguments) {
    if (Status taken = take_urls(crawl_, arguments.rest); !taken) return std::move(taken).error();
    if (Status whole = complete(crawl_, arguments.has("--progress")); !whole) return std::move(whole).error();
    crawl_.crawl.names_directory = arguments.has("--directory");
    if (Status known = know_password(crawl_, arguments); !known) return std::move(known).error();
    crawl_.crawl.flags = remembered_flags(arguments, crawl_.crawl);
    if (Status known = name_forgotten(arguments.command->flags); !known) return std::move(known).error();
    return Command(std::move(crawl_.crawl));
  }

  static std::string without_dashes(const std::string& text) {
    return text.substr(std::min(text.find_first_not_of('-'), text.size()));
  }

  static Error not_forgotten(const std::string& name, std::vector<FlagSpec>::const_iterator flag,
                             const std::vector<FlagSpec>& flags) {
    if (flag != flags.end() && (flag->long_name == "--xpath" || flag->long_name == "--pages")) {
      return Error{fmt::format("--forget: a crawl always has {}; give {} {} to change them",
                               without_dashes(flag->long_name) + (flag->long_name.ends_with('s') ? "" : "s"),
                               flag->long_name, flag->value_name)};
    }
    return no_remembered_flag(name);
  }

  /// --forget takes any name of a flag, with its dashes or without. One that this version does not know may be of
  /// another: whether the folder remembers it is changed_by()'s to say.
  Status name_forgotten(const std::vector<FlagSpec>& flags) {
    CrawlCommand& crawl = crawl_.crawl;
    if (!crawl.forget.empty() && crawl.names_urls()) {
      return Error{"--forget works only without a URL: a command with a URL uses no remembered option"};
    }
    for (std::string& name : crawl.forget) {
      const std::string bare = without_dashes(name);
      const auto is_named = [&bare](const FlagSpec& flag) {
        return without_dashes(flag.long_name) == bare || without_dashes(flag.short_name) == bare;
      };
      const auto flag = bare.empty() ? flags.end() : std::ranges::find_if(flags, is_named);
      if (bare.empty() || (flag != flags.end() && !flag->is_remembered)) return not_forgotten(name, flag, flags);
      name = flag == flags.end() ? "--" + bare : flag->long_name;
    }
    return {};
  }

  Result<Command> demo(const Arguments& arguments) {
    if (!arguments.rest.empty()) return unexpected(arguments.rest.front());
    if (Status whole = complete(demo_, arguments.has("--progress")); !whole) return std::move(whole).error();
    return Command(DemoCommand{std::move(demo_.crawl)});
  }

  Result<Command> status(const Arguments& arguments) {
    if (arguments.rest.size() > 1) return unexpected(arguments.rest[1]);
    std::string& directory = status_.crawl.settings.folder.directory;
    if (!arguments.rest.empty()) {
      if (arguments.has("--directory")) return Error{"DIR and --directory mean the same; give only one"};
      const Status taken = take_directory(directory, arguments.rest.front());
      if (!taken) return Error{"DIR: " + taken.error().message};
    }
    StatusCommand command{.directory = std::move(directory), .color = status_.crawl.color};
    if (status_.json) command.form = StatusCommand::Form::json;
    if (status_.watch) command.times = StatusCommand::Times::until_the_end;
    return Command(std::move(command));
  }

  Result<Command> probe(const Arguments& arguments) {
    if (arguments.rest.empty()) return Error{"probe: the URL is missing"};
    Result<std::string> url = url_of_page(arguments.rest.front());
    if (!url) return Error{"URL: " + url.error().message};
    if (arguments.rest.size() > 1) return unexpected(arguments.rest[1]);
    const std::string user = probe_.crawl.settings.login.user;
    if (Status known = know_password(probe_, arguments); !known) return std::move(known).error();
    ProbeCommand command{.url = *std::move(url), .settings = std::move(probe_.crawl.settings)};
    command.settings.page.xpaths = std::move(probe_.crawl.xpaths);
    command.settings.http.site_origin = url_authority(command.url);
    log_in_by_url(command.settings, command.url);
    command.user_flag = user;
    command.header_flags = std::move(probe_.header_flags);
    command.warnings = std::move(probe_.crawl.warnings);
    command.cookies = std::move(probe_.crawl.cookies);
    if (probe_.json) command.output = ProbeCommand::Output::json;
    return Command(std::move(command));
  }

  /// `doutu help crawl`.
  Result<Command> help_on(const std::vector<std::string>& rest, std::ostream& out) {
    if (rest.empty()) return say(out, help(nullptr));
    if (rest.size() > 1) return unexpected(rest[1]);
    const auto named = std::ranges::find(commands_, rest.front(), &CommandSpec::name);
    if (named == commands_.end()) return ArgumentParser(commands_).unknown_command(rest.front());
    return say(out, help(&*named));
  }

  Result<Command> completions(const std::vector<std::string>& rest, std::ostream& out) {
    const std::string shell = rest.empty() ? "" : rest.front();
    const auto text = completions_for(shell, commands_);
    if (!text)
      return Error{fmt::format("unknown shell \"{}\"; expected bash, zsh or fish", escape_for_terminal(shell, 60))};
    return say(out, *text);
  }

  ParsedOptions crawl_;
  ParsedOptions demo_;
  ParsedOptions status_;
  ParsedOptions probe_;
  const std::vector<CommandSpec> commands_ = {
      crawl_command(crawl_),
      demo_command(demo_),
      status_command(status_),
      probe_command(probe_),
      {.name = "help", .summary = "print this help, or that of a command", .argument = "COMMAND"},
      {.name = "completions", .shown = CommandSpec::Shown::no},
      {.name = "demo-site", .shown = CommandSpec::Shown::no},
  };
};

Error not_held(const Error& error) {
  return Error{
      fmt::format("a remembered option is not valid any more: {}; give another value, or use --forget", error.message)};
}

/// Neither a flag of this version nor one that the folder has from another.
std::optional<Error> unknown_forgotten(const CrawlCommand& command, const std::vector<GivenFlag>& remembered) {
  ParsedOptions parsed;
  const auto known = flags_of(kCrawl, parsed);
  for (const std::string& name : command.forget) {
    const bool is_known = std::ranges::find(known, name, &FlagSpec::long_name) != known.end() ||
                          std::ranges::find(remembered, name, &GivenFlag::name) != remembered.end();
    if (!is_known) return no_remembered_flag(name);
  }
  return std::nullopt;
}

Error with_help(Error error, const Arguments& arguments) {
  const bool has_help = arguments.command != nullptr && !arguments.command->intro.empty();
  error.message += fmt::format("{} see doutu {}--help", error.message.ends_with('?') ? "" : ";",
                               has_help ? arguments.command->name + " " : "");
  return error;
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  CommandLine line;
  Arguments arguments;
  const Status read = ArgumentParser(line.commands()).parse(argc, argv, arguments);
  Result<Command> command = read ? line.command(arguments, out) : Result<Command>(read.error());
  if (command) return *std::move(command);
  err << fmt::format("doutu: {}\n", with_help(command.error(), arguments).message);
  return ExitCommand{kExitWrongUse};
}

Result<CrawlCommand> changed_by(CrawlCommand command, std::vector<GivenFlag> remembered) {
  const auto is_dropped = [&command](const GivenFlag& flag) {
    const auto& forgotten = command.forget;
    return std::ranges::find(command.flags, flag.name, &GivenFlag::name) != command.flags.end() ||
           std::ranges::find(forgotten, flag.name) != forgotten.end();
  };
  if (auto unknown = unknown_forgotten(command, remembered)) return *std::move(unknown);
  std::erase_if(remembered, is_dropped);
  for (const GivenFlag& flag : remembered) command.recalled.push_back(flag.name);
  std::ranges::move(command.flags, std::back_inserter(remembered));
  std::vector<std::string> words = {"doutu", "crawl"};
  for (const GivenFlag& flag : remembered)
    words.push_back(flag.value.empty() ? flag.name : flag.name + "=" + flag.value);
  std::vector<const char*> argv;
  argv.reserve(words.size());
  for (const std::string& word : words) argv.push_back(word.c_str());
  CommandLine line;
  Arguments arguments;
  std::ostringstream nobody;
  const Status read = ArgumentParser(line.commands()).parse(static_cast<int>(argv.size()), argv.data(), arguments);
  auto parsed = read ? line.command(arguments, nobody) : Result<Command>(read.error());
  if (!parsed) return not_held(parsed.error());
  CrawlCommand& by_flags = std::get<CrawlCommand>(*parsed);
  by_flags.settings.folder.directory = std::move(command.settings.folder.directory);
  command.settings = std::move(by_flags.settings);
  command.before = std::move(by_flags.before);
  command.cookies = std::move(by_flags.cookies);
  command.save_cookies = std::move(by_flags.save_cookies);
  command.fetchers = by_flags.fetchers;
  command.heartbeat = by_flags.heartbeat;
  command.empty_pages = by_flags.empty_pages;
  command.flags = std::move(remembered);
  return command;
}

std::string flags_of_probe(const std::vector<GivenFlag>& flags) {
  ParsedOptions parsed;
  const auto probe = flags_of(kProbe, parsed);
  std::string names;
  for (const GivenFlag& flag : flags) {
    if (std::ranges::find(probe, flag.name, &FlagSpec::long_name) == probe.end()) continue;
    if (!names.ends_with(flag.name)) names += (names.empty() ? "" : " ") + flag.name;
  }
  return names;
}

std::vector<GivenFlag> flags_for_crawl(const CrawlSettings& settings, const CookieSources& cookies) {
  ParsedOptions parsed;
  const auto probe = flags_of(kProbe, parsed);
  parsed.crawl.settings = settings;
  parsed.crawl.cookies = cookies;
  std::vector<GivenFlag> flags;
  for (const FlagSpec& flag : probe) {
    if ((flag.commands & kCrawl) == 0) continue;
    for (std::string& text : flag.written()) flags.push_back({flag.long_name, std::move(text)});
  }
  return flags;
}

Command parse_command_line(int argc, const char* const* argv) {
  std::ostringstream out;
  Command command = parse_command_line(argc, argv, out, std::cerr);
  print(out.str());
  return command;
}

}  // namespace doutu

#include "crawler/command_line/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <utility>

#include "crawler/command_line/argument_parser.h"
#include "crawler/command_line/completions.h"
#include "crawler/command_line/flags.h"
#include "crawler/command_line/header_file.h"
#include "crawler/command_line/help_intros.h"
#include "crawler/command_line/help_text.h"
#include "crawler/folder_path.h"
#include "crawler/recipe.h"
#include "crawler/standard_output.h"
#include "shared/base/encoding_label.h"
#include "shared/base/escape.h"
#include "shared/http/header_line.h"
#include "shared/http/proxy_url.h"
#include "shared/http/url.h"
#include "shared/process/stats_page.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMaxFetchers = 64;
constexpr std::uint64_t kMaxThreads = 64;
constexpr milliseconds kHour{3'600'000};
constexpr milliseconds kWeek{168 * kHour};

/// One command while it is parsed.
struct Draft {
  CrawlCommand crawl;
  std::vector<std::string> header_flags;  ///< As they were written.
  bool quiet = false;
  bool verbose = false;
  bool json = false;
  bool allow_empty = false;
};

Status take_pages(CrawlCommand& crawl, const std::string& text) {
  Result<PageRange> pages = PageRange::parse(text);
  if (!pages) return std::move(pages).error();
  crawl.pages = *std::move(pages);
  return {};
}

Status take_template(CrawlCommand& crawl, const std::string& text) {
  const Result<UrlTemplate> url_template = UrlTemplate::parse(text);
  if (!url_template) return url_template.error();
  crawl.url_template = text;
  return {};
}

Status take_directory(std::string& directory, const std::string& text) {
  Result<std::string> path = parse_line(text);
  if (!path) return std::move(path).error();
  while (path->size() > 1 && path->ends_with('/')) path->pop_back();
  directory = *std::move(path);
  return {};
}

/// Else nothing would say so before a connection is made. Of a plain file alone: a pipe has its bytes once.
bool has_certificate(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE-----") != line.npos) return true;
  }
  return false;
}

Status take_ca_file(CrawlCommand& crawl, const std::string& text) {
  const std::string shown = "\"" + escape_for_terminal(text) + "\"";
  if (::access(text.c_str(), R_OK) != 0) return system_error(shown);
  if (!has_certificate(text)) return Error{shown + " has no certificate (PEM) in it"};
  crawl.settings.ca_file = text;
  return {};
}

/// Empty: none.
Status take_proxy(CrawlCommand& crawl, const std::string& text) {
  Result<std::string> line = parse_line(text);
  if (!line) return std::move(line).error();
  if (Status usable = line->empty() ? Status() : check_proxy(*line); !usable) return usable;
  crawl.settings.proxy = *std::move(line);
  return {};
}

Status take_page_encoding(CrawlCommand& crawl, const std::string& text) {
  if (!encoding_from_label(text)) {
    return Error{fmt::format("unknown encoding \"{}\"; expected a label that browsers know, such as gbk",
                             escape_for_terminal(text, 60))};
  }
  crawl.settings.page_encoding = text;
  return {};
}

/// The lines that a value of --header is, or names.
Result<std::vector<std::string>> header_lines(const std::string& text) {
  if (names_header_file(text)) return read_header_file(text);
  if (Status checked = check_header_line(text); !checked) return std::move(checked).error();
  return std::vector{text};
}

Status take_header(Draft& draft, const std::string& text) {
  constexpr std::size_t kMaxTogether = std::size_t{16} * 1024;
  if (names_standard_input(text) && std::ranges::any_of(draft.header_flags, names_standard_input)) {
    return Error{"standard input is read once, and an earlier flag names it as well"};
  }
  auto lines = header_lines(text);
  if (!lines) return std::move(lines).error();
  draft.header_flags.push_back(text);
  std::vector<std::string>& headers = draft.crawl.settings.headers;
  std::ranges::move(*lines, std::back_inserter(headers));
  std::size_t together = 0;
  for (const std::string& line : headers) together += line.size();
  if (together > kMaxTogether) return Error{fmt::format("all together are longer than {} bytes", kMaxTogether)};
  return {};
}

void declare_directory(Flags& flags, std::string& directory) {
  flags
      .value("-d,--directory", "DIR", fmt::format("where images land [{}]", directory),
             [&directory](const std::string& text) { return take_directory(directory, text); })
      .is_remembered = false;
}

void declare_page_encoding(Flags& flags, CrawlCommand& crawl) {
  flags.value("--page-encoding", "LABEL", "what pages are in, whatever they say, such as gbk [as they say]",
              [&crawl](const std::string& text) { return take_page_encoding(crawl, text); });
}

void declare_progress(Flags& flags, CrawlCommand& crawl) {
  flags
      .choice("--progress", "MODE", "auto, bar (redrawn), plain (a line every 30 s) or none [auto]",
              {{"auto", ProgressMode::automatic},
               {"bar", ProgressMode::bar},
               {"plain", ProgressMode::plain},
               {"none", ProgressMode::none}},
              crawl.progress)
      .is_remembered = false;
}

void declare_color(Flags& flags, ColorMode& color) {
  flags
      .choice("--color", "WHEN", "auto, always or never [auto]",
              {{"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}}, color)
      .is_remembered = false;
}

void declare_sandbox(Flags& flags, CrawlSettings& settings) {
  flags.section("Safety");
  flags.choice("--sandbox", "MODE",
               "hold the processes that read strangers' bytes to what they need: auto (as far as "
               "the kernel can), require (else do not start) or off [auto]",
               {{"auto", SandboxMode::automatic}, {"require", SandboxMode::require}, {"off", SandboxMode::off}},
               settings.sandbox);
}

void declare_what(Flags& flags, Draft& draft) {
  CrawlCommand& crawl = draft.crawl;
  flags.section("What");
  // These two are in what the folder was asked for.
  flags
      .value("-p,--pages", "RANGE", fmt::format("pages, such as 1-10,15,20-40:2 [{}]", kDefaultPages),
             [&crawl](const std::string& text) { return take_pages(crawl, text); })
      .is_remembered = false;
  flags.list("--xpath", "EXPR", "what on a page is an image: attributes, text or elements; repeatable", crawl.xpaths)
      .is_remembered = false;
  declare_page_encoding(flags, crawl);
  declare_directory(flags, crawl.settings.directory);
  flags
      .list("--forget", "FLAG", "without URL-TEMPLATE: a flag that DIR is to remember no more; repeatable",
            crawl.forget)
      .is_remembered = false;
  flags.toggle("--allow-empty", "pages may have no images; otherwise the exit status is 4", draft.allow_empty);
  flags.toggle("--keep-extension", "a photo.jpg that is a WebP keeps its name; otherwise it becomes photo.webp",
               crawl.settings.keep_extension);
  flags.toggle("--keep-deleted", "images that you deleted stay away; otherwise the next crawl fetches them again",
               crawl.settings.keep_deleted);
  flags.toggle("--no-mtime", "files have the time of their download, not the Last-Modified of the answer",
               crawl.settings.no_mtime);
}

void declare_how_many(Flags& flags, CrawlCommand& crawl) {
  CrawlSettings& settings = crawl.settings;
  flags.section("How many at a time");
  flags.count("--fetchers", "page processes at most, 1 to 64", crawl.fetchers, 1, kMaxFetchers);
  flags.count("-j,--downloaders", "images in flight, 1 to 2048", settings.downloaders, 1, kMaxInFlight);
  flags.count("--threads", "threads they share, up to 64; 0: as many as cores", settings.threads, 0, kMaxThreads);
  flags.count("-x,--max-per-host", "images in flight per host; 0: no limit of its own", settings.max_per_host, 0,
              kMaxInFlight);
}

constexpr milliseconds kShortest{50};

void declare_page_times(Flags& flags, CrawlSettings& settings) {
  flags.time("--connect-timeout", "for a connection", settings.connect_timeout, kShortest, kHour);
  flags.time("--page-timeout", "for a page", settings.page_timeout, kShortest, kHour);
}

void declare_patience(Flags& flags, CrawlCommand& crawl) {
  CrawlSettings& settings = crawl.settings;
  flags.section("Patience");
  flags.time("-w,--wait", "gap between two pages, and between two images of a host", settings.host_gap, milliseconds(0),
             kHour);
  flags.count("-R,--retries", "further attempts at what may succeed later", settings.retries, 0, 100);
  flags.time("--retry-wait", "wait before the first of them; then it doubles", settings.retry_wait, milliseconds(0),
             kHour);
  declare_page_times(flags, settings);
  flags.time("--max-time", "for an image", settings.image_timeout, kShortest, 24 * kHour);
  flags.count("--speed-limit", "an image slower than N bytes per second ...", settings.speed_limit, 0, 1U << 30U);
  flags.time("--speed-time", "... for so long is given up", settings.speed_time, milliseconds(1000), kHour);
  flags.time("--outage-wait", "how long a host that has answered may be out of reach", settings.outage_wait,
             milliseconds(0), kWeek);
  flags.time("--disk-wait", "how long a full disk is waited for", settings.disk_wait, milliseconds(0), kWeek);
  flags.time("--heartbeat", "a process without a sign of life for so long is replaced", crawl.heartbeat,
             milliseconds(500), kHour);
}

void declare_how_much(Flags& flags, CrawlSettings& settings) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60U;
  flags.section("How much");
  flags.count("--max-images", "the crawl ends, to be continued, when it has saved so many; 0: no limit",
              settings.max_crawl_images, 0, kMost);
  flags.size("--max-bytes", "the crawl ends, to be continued, when it has saved so much; 0: no limit",
             settings.max_crawl_bytes, 0, kMost);
  flags.size("--max-host-bytes", "further images of a host that has sent so much fail; 0: no limit",
             settings.max_host_bytes, 0, kMost);
  flags.size("--max-image-size", "a larger image fails", settings.max_image_bytes, 1, std::uint64_t{1} << 40U);
  flags.count("--max-pixels", "an image that announces more fails", settings.max_image_pixels, 1,
              std::uint64_t{1} << 62U);
  flags.size("--min-free-disk", "with less left the disk counts as full", settings.min_free_disk, 0, kMost,
             "1G, or 2 % of a small disk");
}

void declare_requests(Flags& flags, Draft& draft) {
  CrawlCommand& crawl = draft.crawl;
  CrawlSettings& settings = crawl.settings;
  flags.section("Requests");
  flags.line("-U,--user-agent", "TEXT", "name that servers see [Mozilla/5.0 ... doutu/" DOUTU_VERSION "]",
             settings.user_agent);
  flags.line("-e,--referer", "URL", "Referer of every request [the page, for its images]", settings.referer);
  flags
      .value("-H,--header", "LINE",
             "further header, such as 'Accept-Language: zh'; @FILE: those in a file, - : on standard input; "
             "repeatable; Authorization and Cookie are sent to the template's server only",
             [&draft](const std::string& text) { return take_header(draft, text); })
      .repeat = FlagSpec::Repeat::all_count;
  flags.toggle("--http1.1", "never HTTP/2", settings.http1);
  flags.value("--proxy", "URL", "proxy for all requests; the environment is not asked",
              [&crawl](const std::string& text) { return take_proxy(crawl, text); });
  flags.value("--cacert", "FILE", "certificates to trust, in place of the system's",
              [&crawl](const std::string& text) { return take_ca_file(crawl, text); });
  flags.toggle("-k,--insecure", "do not verify certificates", settings.insecure);
  flags.toggle("--allow-private", "allow private addresses for every host, not for that of the template alone",
               settings.allow_private);
}

void declare_output(Flags& flags, Draft& draft) {
  flags.section("Output");
  declare_progress(flags, draft.crawl);
  declare_color(flags, draft.crawl.color);
  flags.line("--log", "FILE", "log file [DIR/.doutu/crawl.log]", draft.crawl.log_file).is_remembered = false;
  flags.toggle("-q,--quiet", "no progress, no summary: errors, and one line when the exit status is not 0", draft.quiet)
      .is_remembered = false;
  flags.toggle("-v,--verbose", "show what is logged", draft.verbose).is_remembered = false;
  flags.help_flag();
}

CommandSpec crawl_command(Draft& draft) {
  CommandSpec command{.name = "crawl",
                      .summary = "fetch the images of some pages",
                      .intro = std::string(kCrawlHelp),
                      .argument = "URL-TEMPLATE"};
  Flags flags(command.flags);
  declare_what(flags, draft);
  declare_how_many(flags, draft.crawl);
  declare_patience(flags, draft.crawl);
  declare_how_much(flags, draft.crawl.settings);
  declare_requests(flags, draft);
  declare_sandbox(flags, draft.crawl.settings);
  declare_output(flags, draft);
  return command;
}

CommandSpec demo_command(Draft& draft) {
  draft.crawl.settings.directory = "img/demo";
  CommandSpec command{.name = "demo",
                      .summary = "the same, of a site that doutu serves itself on loopback",
                      .intro = std::string(kDemoHelp)};
  Flags flags(command.flags);
  flags.section("What");
  declare_directory(flags, draft.crawl.settings.directory);
  declare_how_many(flags, draft.crawl);
  declare_sandbox(flags, draft.crawl.settings);
  declare_output(flags, draft);
  return command;
}

struct StatusDraft {
  StatusCommand status;
  bool json = false;
  bool watch = false;
};

CommandSpec status_command(StatusDraft& draft) {
  CommandSpec command{.name = "status",
                      .summary = "what a crawl is doing, or did",
                      .intro = std::string(kStatusHelp),
                      .argument = "DIR"};
  Flags flags(command.flags);
  flags.section("What");
  declare_directory(flags, draft.status.directory);
  flags.section("Output");
  flags.toggle("--json", "one JSON object", draft.json);
  flags.toggle("--watch", "once a second until the crawl ends", draft.watch);
  declare_color(flags, draft.status.color);
  flags.help_flag();
  return command;
}

CommandSpec probe_command(Draft& draft) {
  CommandSpec command{.name = "probe",
                      .summary = "look at one page: what does an XPath find, and which would do?",
                      .intro = std::string(kProbeHelp),
                      .argument = "URL"};
  CrawlCommand& crawl = draft.crawl;
  Flags flags(command.flags);
  flags.section("What");
  flags.list("--xpath", "EXPR", "what on a page is an image: attributes, text or elements; repeatable", crawl.xpaths);
  declare_page_encoding(flags, crawl);
  flags.section("Patience");
  declare_page_times(flags, crawl.settings);
  declare_requests(flags, draft);
  declare_sandbox(flags, crawl.settings);
  flags.section("Output");
  flags.toggle("--json", "as JSON, for programs", draft.json);
  flags.help_flag();
  return command;
}

Status complete(Draft& draft, bool progress_given) {
  if (draft.quiet && draft.verbose) return Error{"--quiet and --verbose contradict each other: give one of them"};
  CrawlCommand& crawl = draft.crawl;
  if (draft.quiet) crawl.verbosity = Verbosity::quiet;
  if (draft.allow_empty) crawl.empty_pages = EmptyPages::are_fine;
  if (draft.verbose) crawl.verbosity = Verbosity::verbose;
  if (draft.quiet && !progress_given) crawl.progress = ProgressMode::none;
  crawl.settings.retry_wait_max = std::max(crawl.settings.retry_wait, crawl.settings.retry_wait_max);
  return {};
}

/// In values that mean the same at another time and place: the lines of a file of headers, absolute paths.
std::vector<GivenFlag> remembered_flags(const Arguments& arguments, const CrawlSettings& settings) {
  std::vector<GivenFlag> flags;
  for (const GivenFlag& given : arguments.flags) {
    const auto spec = std::ranges::find(arguments.command->flags, given.name, &FlagSpec::long_name);
    if (!spec->is_remembered || given.name == "--header") continue;
    auto path = spec->value_name == "FILE" ? absolute_folder(given.value) : given.value;
    flags.push_back({given.name, path ? *std::move(path) : given.value});
  }
  for (const std::string& line : settings.headers) flags.push_back({"--header", line});
  return flags;
}

/// What probe looks at, normalised.
Result<std::string> url_of_page(const std::string& text) {
  if (text.find("{page") != std::string::npos) {
    return Error{"probe looks at one page: write a number in place of {page}"};
  }
  std::optional<std::string> url = normalise_url(text);
  if (url) return *std::move(url);
  return Error{fmt::format("\"{}\" is no http or https URL: write for example https://example.com/list?page=1",
                           escape_url(text, 200))};
}

Error unexpected(const std::string& argument) {
  return {fmt::format("unexpected argument \"{}\"", escape_for_terminal(argument, 200))};
}

Error no_remembered_flag(const std::string& name) {
  return {fmt::format("--forget: \"{}\" is no flag that a folder remembers", escape_for_terminal(name, 60))};
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
    if (arguments.rest.size() > 1) return unexpected(arguments.rest[1]);
    if (!arguments.rest.empty()) {
      const Status taken = take_template(crawl_.crawl, arguments.rest.front());
      if (!taken) return Error{"URL-TEMPLATE: " + taken.error().message};
    }
    if (Status whole = complete(crawl_, arguments.has("--progress")); !whole) return std::move(whole).error();
    crawl_.crawl.names_directory = arguments.has("--directory");
    crawl_.crawl.flags = remembered_flags(arguments, crawl_.crawl.settings);
    if (Status known = name_forgotten(arguments.command->flags); !known) return std::move(known).error();
    return Command(std::move(crawl_.crawl));
  }

  static std::string without_dashes(const std::string& text) {
    return text.substr(std::min(text.find_first_not_of('-'), text.size()));
  }

  static Error not_forgotten(const std::string& name, std::vector<FlagSpec>::const_iterator flag,
                             const std::vector<FlagSpec>& flags) {
    if (flag != flags.end() && (flag->long_name == "--xpath" || flag->long_name == "--pages")) {
      return Error{fmt::format("--forget: a crawl has its {} always; give {} {} to change them",
                               without_dashes(flag->long_name) + (flag->long_name.ends_with('s') ? "" : "s"),
                               flag->long_name, flag->value_name)};
    }
    return no_remembered_flag(name);
  }

  /// --forget takes any name of a flag, with its dashes or without. One that this version does not know may be of
  /// another: whether the folder remembers it is changed_by()'s to say.
  Status name_forgotten(const std::vector<FlagSpec>& flags) {
    CrawlCommand& crawl = crawl_.crawl;
    if (!crawl.forget.empty() && crawl.url_template) {
      return Error{"--forget: nothing is remembered for a crawl that is given by its URL"};
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
    StatusCommand& command = status_.status;
    if (!arguments.rest.empty()) {
      if (arguments.has("--directory")) return Error{"DIR and --directory: give one of them"};
      const Status taken = take_directory(command.directory, arguments.rest.front());
      if (!taken) return Error{"DIR: " + taken.error().message};
    }
    if (status_.json) command.form = StatusCommand::Form::json;
    if (status_.watch) command.times = StatusCommand::Times::until_the_end;
    return Command(std::move(command));
  }

  Result<Command> probe(const Arguments& arguments) {
    if (arguments.rest.empty()) return Error{"probe: the URL is missing"};
    Result<std::string> url = url_of_page(arguments.rest.front());
    if (!url) return Error{"URL: " + url.error().message};
    if (arguments.rest.size() > 1) return unexpected(arguments.rest[1]);
    ProbeCommand command{.url = *std::move(url), .settings = std::move(probe_.crawl.settings)};
    command.settings.xpaths = std::move(probe_.crawl.xpaths);
    command.settings.home_server = url_authority(command.url);
    command.header_flags = std::move(probe_.header_flags);
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

  Draft crawl_;
  Draft demo_;
  StatusDraft status_;
  Draft probe_;
  const std::vector<CommandSpec> commands_ = {
      crawl_command(crawl_),
      demo_command(demo_),
      status_command(status_),
      probe_command(probe_),
      {.name = "help", .summary = "this text, or what COMMAND --help says", .argument = "COMMAND"},
      {.name = "completions", .shown = CommandSpec::Shown::no},
      {.name = "demo-site", .shown = CommandSpec::Shown::no},
  };
};

Error not_held(const Error& error) {
  return Error{fmt::format("it remembers a flag that does not hold any more: {}; give another value, or --forget it",
                           error.message)};
}

/// Neither a flag of this version nor one that the folder has from another.
std::optional<Error> unknown_forgotten(const CrawlCommand& command, const std::vector<GivenFlag>& remembered) {
  Draft draft;
  const CommandSpec known = crawl_command(draft);
  for (const std::string& name : command.forget) {
    const bool is_known = std::ranges::find(known.flags, name, &FlagSpec::long_name) != known.flags.end() ||
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
  by_flags.settings.directory = std::move(command.settings.directory);
  command.settings = std::move(by_flags.settings);
  command.fetchers = by_flags.fetchers;
  command.heartbeat = by_flags.heartbeat;
  command.empty_pages = by_flags.empty_pages;
  command.flags = std::move(remembered);
  return command;
}

std::string flags_of_probe(const std::vector<GivenFlag>& flags) {
  Draft draft;
  const CommandSpec probe = probe_command(draft);
  std::string names;
  for (const GivenFlag& flag : flags) {
    if (std::ranges::find(probe.flags, flag.name, &FlagSpec::long_name) == probe.flags.end()) continue;
    if (!names.ends_with(flag.name)) names += (names.empty() ? "" : " ") + flag.name;
  }
  return names;
}

Command parse_command_line(int argc, const char* const* argv) {
  std::ostringstream out;
  Command command = parse_command_line(argc, argv, out, std::cerr);
  print(out.str());
  return command;
}

}  // namespace doutu

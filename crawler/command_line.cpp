#include "crawler/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <utility>

#include "crawler/flag_value.h"
#include "crawler/recipe.h"
#include "shared/base/encoding_label.h"
#include "shared/base/escape.h"
#include "shared/process/stats_page.h"

namespace doutu {
namespace {

constexpr std::size_t kHelpWidth = 80;
constexpr std::size_t kWordsColumn = 29;
constexpr std::uint64_t kMaxFetchers = 64;
constexpr std::uint64_t kMaxThreads = 64;
constexpr milliseconds kHour{3'600'000};
constexpr milliseconds kWeek{168 * kHour};

constexpr std::string_view kHelp = R"(doutu: fetches every image of a range of web pages, and survives every kill.

Examples:
  doutu demo                        crawl a small site made for trying it out
  doutu crawl --pages 1-10          the built-in recipe, images into img/
  doutu crawl 'https://example.com/list?page={page}' --pages 1-50 \
              --xpath '//img/@src' --directory pictures
  doutu crawl --directory pictures  continue what that folder was asked for

Commands:
  crawl      fetch the images of some pages
  demo       the same, of a site that doutu serves itself on loopback

  -h, --help     this text; COMMAND --help tells more
      --version  version of doutu

Exit status: 0 all is there; 1 could not start, or an internal error; 2 wrong
use; 3 finished, but some pages or images failed; 4 no page had an image; 9
stopped early by itself; 75 another crawl holds the folder; 130, 143 stopped
by SIGINT, SIGTERM.
)";

constexpr std::string_view kCrawlHelp = R"(Examples:
  doutu crawl --pages 1-10
  doutu crawl 'https://example.com/list?page={page}' --pages 1-50 \
              --xpath '//img/@src' --directory pictures
  doutu crawl --directory pictures  continue what that folder was asked for

Usage: doutu crawl [URL-TEMPLATE] [FLAGS]

Fetches the images of some pages. {page} in the template stands for the page
number, {page:03} for at least three digits of it. Without template and
XPath: the list pages of www.pkdoutu.com. The same command after a kill
continues; after the end it looks for new images. Defaults are in brackets.
)";

constexpr std::string_view kDemoHelp = R"(Examples:
  doutu demo
  doutu demo --directory /tmp/demo --fetchers 2 --downloaders 5

Usage: doutu demo [FLAGS]

Serves a small site on a free port of 127.0.0.1, in a process of its own, and
crawls it like any other. Needs no network. Defaults are in brackets.
)";

/// Breaks words into lines of at most `width` columns, the later ones indented.
std::string wrap(std::string_view words, std::size_t width, std::size_t indent) {
  std::string text;
  while (words.size() > width) {
    const std::size_t blank = words.rfind(' ', width);
    text += fmt::format("{}\n{:{}}", words.substr(0, blank), "", indent);
    words.remove_prefix(blank + 1);
  }
  return text.append(words);
}

/// Declares the flags of one command, to CLI11 and in the help text at once; a default shown is the value that the
/// target has.
class Flags {
 public:
  Flags(CLI::App& app, std::string_view intro) : app_(app), help_(intro) {}

  [[nodiscard]] const std::string& help() const { return help_; }

  void section(std::string_view title) { help_ += fmt::format("\n{}:\n", title); }

  /// take: text -> Status.
  template <class Take>
  CLI::Option* value(const std::string& names, std::string_view value_name, const std::string& words, Take take) {
    describe(names, value_name, words);
    const std::string long_name = names.substr(names.find("--"));
    return app_
        .add_option_function<std::string>(names,
                                          [take, long_name](const std::string& text) {
                                            const Status taken = take(text);
                                            if (!taken) throw CLI::ValidationError(long_name, taken.error().message);
                                          })
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }

  template <class Number>
  void count(const std::string& names, const std::string& words, Number& target, std::uint64_t low,
             std::uint64_t high) {
    value(names, "N", fmt::format("{} [{}]", words, target), [&target, low, high](const std::string& text) -> Status {
      const Result<std::uint64_t> number = parse_count(text, low, high);
      if (!number) return number.error();
      target = static_cast<Number>(*number);
      return {};
    });
  }

  template <class Time>
  void time(const std::string& names, const std::string& words, Time& target, milliseconds low, milliseconds high) {
    value(names, "SEC", fmt::format("{} [{}]", words, seconds_text(target)),
          [&target, low, high](const std::string& text) -> Status {
            const Result<milliseconds> time = parse_seconds(text, low, high);
            if (!time) return time.error();
            target = std::chrono::ceil<Time>(*time);
            return {};
          });
  }

  void line(const std::string& names, std::string_view value_name, const std::string& words, std::string& target) {
    value(names, value_name, words, [&target](const std::string& text) -> Status {
      Result<std::string> line = parse_line(text);
      if (!line) return std::move(line).error();
      target = *std::move(line);
      return {};
    });
  }

  /// Repeatable.
  void list(const std::string& name, std::string_view value_name, const std::string& words,
            std::vector<std::string>& target) {
    describe(name, value_name, words);
    app_.add_option(name, target)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  void help_flag() {
    describe("-h,--help", "", "this text");
    app_.set_help_flag("-h,--help");
  }

  void toggle(const std::string& names, const std::string& words, bool& target) {
    describe(names, "", words);
    app_.add_flag(names, target);
  }

 private:
  void describe(const std::string& names, std::string_view value_name, const std::string& words) {
    const std::size_t comma = names.find(',');
    std::string left = comma == std::string::npos
                           ? "      " + names
                           : fmt::format("  {}, {}", names.substr(0, comma), names.substr(comma + 1));
    if (!value_name.empty()) left += fmt::format(" {}", value_name);
    help_ += fmt::format("{:{}}{}\n", left, kWordsColumn, wrap(words, kHelpWidth - kWordsColumn, kWordsColumn));
  }

  CLI::App& app_;
  std::string help_;
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

Status take_directory(CrawlCommand& crawl, const std::string& text) {
  Result<std::string> path = parse_line(text);
  if (!path) return std::move(path).error();
  while (path->size() > 1 && path->ends_with('/')) path->pop_back();
  crawl.settings.directory = *std::move(path);
  return {};
}

Status take_ca_file(CrawlCommand& crawl, const std::string& text) {
  if (::access(text.c_str(), R_OK) != 0) return system_error("\"" + escape_for_terminal(text) + "\"");
  crawl.settings.ca_file = text;
  return {};
}

Status take_page_encoding(CrawlCommand& crawl, const std::string& text) {
  if (!encoding_from_label(text)) {
    return Error{fmt::format("\"{}\" is no encoding that browsers know", escape_for_terminal(text, 60))};
  }
  crawl.settings.page_encoding = text;
  return {};
}

Status take_progress(CrawlCommand& crawl, const std::string& text) {
  for (const auto& [name, mode] :
       {std::pair{"auto", ProgressMode::automatic}, {"plain", ProgressMode::plain}, {"none", ProgressMode::none}}) {
    if (text == name) return crawl.progress = mode, Status{};
  }
  return Error{fmt::format("\"{}\" is not allowed: write auto, plain or none", escape_for_terminal(text, 60))};
}

void declare_directory(Flags& flags, CrawlCommand& crawl) {
  flags.value("-d,--directory", "DIR", fmt::format("where images land [{}]", crawl.settings.directory),
              [&crawl](const std::string& text) { return take_directory(crawl, text); });
}

void declare_what(Flags& flags, CrawlCommand& crawl) {
  flags.section("What");
  flags.value("-p,--pages", "RANGE", fmt::format("pages, such as 1-10,15,20-40:2 [{}]", kDefaultPages),
              [&crawl](const std::string& text) { return take_pages(crawl, text); });
  flags.list("--xpath", "EXPR", "what on a page is an image: attributes, text or elements; repeatable", crawl.xpaths);
  flags.value("--page-encoding", "LABEL", "what pages are in, whatever they say, such as gbk [as they say]",
              [&crawl](const std::string& text) { return take_page_encoding(crawl, text); });
  declare_directory(flags, crawl);
  flags.toggle("--keep-extension", "a photo.jpg that is a WebP keeps its name; otherwise it becomes photo.webp",
               crawl.settings.keep_extension);
}

void declare_how_many(Flags& flags, CrawlCommand& crawl) {
  CrawlSettings& settings = crawl.settings;
  flags.section("How many at a time");
  flags.count("--fetchers", "page processes, 1 to 64", crawl.fetchers, 1, kMaxFetchers);
  flags.count("-j,--downloaders", "images in flight, 1 to 2048", settings.downloaders, 1, kMaxInFlight);
  flags.count("--threads", "threads they share, up to 64; 0: as many as cores", settings.threads, 0, kMaxThreads);
  flags.count("-x,--max-per-host", "images in flight per host; 0: no limit of its own", settings.max_per_host, 0,
              kMaxInFlight);
}

void declare_patience(Flags& flags, CrawlCommand& crawl) {
  CrawlSettings& settings = crawl.settings;
  constexpr milliseconds kShortest{50};
  flags.section("Patience");
  flags.time("-w,--wait", "gap between two image requests to a host", settings.host_gap, milliseconds(0), kHour);
  flags.count("-R,--retries", "further attempts at what may succeed later", settings.retries, 0, 100);
  flags.time("--retry-wait", "wait before the first of them; then it doubles", settings.retry_wait, milliseconds(0),
             kHour);
  flags.time("--connect-timeout", "for a connection", settings.connect_timeout, kShortest, kHour);
  flags.time("--page-timeout", "for a page", settings.page_timeout, kShortest, kHour);
  flags.time("--max-time", "for an image", settings.image_timeout, kShortest, 24 * kHour);
  flags.count("--speed-limit", "an image slower than N bytes per second ...", settings.speed_limit, 0, 1U << 30U);
  flags.time("--speed-time", "... for so long is given up", settings.speed_time, milliseconds(1000), kHour);
  flags.time("--outage-wait", "how long a host that has answered may be out of reach", settings.outage_wait,
             milliseconds(0), kWeek);
  flags.time("--disk-wait", "how long a full disk is waited for", settings.disk_wait, milliseconds(0), kWeek);
  flags.time("--heartbeat", "a process without a sign of life for so long is replaced", crawl.heartbeat,
             milliseconds(500), kHour);
}

void declare_requests(Flags& flags, CrawlCommand& crawl) {
  CrawlSettings& settings = crawl.settings;
  flags.section("Requests");
  flags.line("-U,--user-agent", "TEXT", "[Mozilla/5.0 ... doutu/" DOUTU_VERSION "]", settings.user_agent);
  flags.line("--proxy", "URL", "proxy for all requests; the environment is not asked", settings.proxy);
  flags.value("--cacert", "FILE", "certificates to trust, in place of the system's",
              [&crawl](const std::string& text) { return take_ca_file(crawl, text); });
  flags.toggle("-k,--insecure", "do not verify certificates", settings.insecure);
  flags.toggle("--allow-private", "allow private addresses for every host, not for that of the template alone",
               settings.allow_private);
}

/// One command while it is parsed.
struct Draft {
  CrawlCommand crawl;
  bool quiet = false;
  bool verbose = false;
};

void declare_output(Flags& flags, Draft& draft) {
  flags.section("Output");
  flags.value("--progress", "MODE", "auto, plain (a line now and then) or none [auto]",
              [&draft](const std::string& text) { return take_progress(draft.crawl, text); });
  flags.line("--log", "FILE", "log file [DIR/.doutu/crawl.log]", draft.crawl.log_file);
  flags.toggle("-q,--quiet", "errors only, no progress", draft.quiet);
  flags.toggle("-v,--verbose", "show what is logged", draft.verbose);
  flags.help_flag();
}

std::string declare_crawl(CLI::App& app, Draft& draft) {
  Flags flags(app, kCrawlHelp);
  declare_what(flags, draft.crawl);
  declare_how_many(flags, draft.crawl);
  declare_patience(flags, draft.crawl);
  declare_requests(flags, draft.crawl);
  declare_output(flags, draft);
  return flags.help();
}

std::string declare_demo(CLI::App& app, Draft& draft) {
  draft.crawl.settings.directory = "img/demo";
  Flags flags(app, kDemoHelp);
  flags.section("What");
  declare_directory(flags, draft.crawl);
  declare_how_many(flags, draft.crawl);
  declare_output(flags, draft);
  return flags.help();
}

/// What is left over when all flags are taken: the template, or what nobody asked for.
Status take_rest(Draft& draft, const std::vector<std::string>& rest, std::size_t allowed) {
  for (const std::string& text : rest) {
    const std::string shown = escape_for_terminal(text, 200);
    if (text.starts_with('-')) return Error{fmt::format("unknown flag \"{}\"", shown)};
    if (allowed-- == 0) return Error{fmt::format("unexpected argument \"{}\"", shown)};
    const Status taken = take_template(draft.crawl, text);
    if (!taken) return Error{"URL-TEMPLATE: " + taken.error().message};
  }
  return {};
}

Status complete(Draft& draft, bool progress_given) {
  if (draft.quiet && draft.verbose) return Error{"--quiet and --verbose contradict each other: give one of them"};
  CrawlCommand& crawl = draft.crawl;
  if (draft.quiet) crawl.verbosity = Verbosity::quiet;
  if (draft.verbose) crawl.verbosity = Verbosity::verbose;
  if (draft.quiet && !progress_given) crawl.progress = ProgressMode::none;
  crawl.settings.retry_wait_max = std::max(crawl.settings.retry_wait, crawl.settings.retry_wait_max);
  return {};
}

/// doutu and its commands, declared to CLI11.
class Parser {
 public:
  Parser() {
    app_.set_help_flag("-h,--help");
    app_.add_flag("--version", version_);
    app_.require_subcommand(0, 1);  // so that a second one counts as an argument of the first
    app_.allow_extras();
    crawl_app_->allow_extras();
    demo_app_->allow_extras();
    crawl_help_ = declare_crawl(*crawl_app_, crawl_);
    demo_help_ = declare_demo(*demo_app_, demo_);
  }

  /// A command, or what is wrong.
  Result<Command> parse(int argc, const char* const* argv, std::ostream& out) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      out << help();
      return Command(ExitCommand{0});
    } catch (const CLI::ArgumentMismatch& error) {
      const std::string_view story = error.what();  // "--flag: 1 required TEXT missing"
      return Error{fmt::format("{}: the value is missing", story.substr(0, story.find(':')))};
    } catch (const CLI::Error& error) {
      return Error{escape_for_terminal(error.what())};
    }
    if (version_) {
      out << "doutu " DOUTU_VERSION "\n";
      return Command(ExitCommand{0});
    }
    return command(out);
  }

  /// "doutu crawl --help", for the command that was named.
  [[nodiscard]] std::string help_command() const {
    return fmt::format("doutu {}--help", *crawl_app_ ? "crawl " : *demo_app_ ? "demo " : "");
  }

 private:
  [[nodiscard]] std::string_view help() const { return *crawl_app_ ? crawl_help_ : *demo_app_ ? demo_help_ : kHelp; }

  Result<Command> command(std::ostream& out) {
    if (const std::vector<std::string> rest = app_.remaining(); !rest.empty()) {
      return Error{fmt::format("\"{}\" is no command: write crawl or demo", escape_for_terminal(rest.front(), 60))};
    }
    if (*site_app_) return Command(DemoSiteCommand{});
    if (*crawl_app_) return finish<CrawlCommand>(*crawl_app_, crawl_, 1);
    if (*demo_app_) return finish<DemoCommand>(*demo_app_, demo_, 0);
    out << kHelp;
    return Command(ExitCommand{0});
  }

  template <class Kind>
  static Result<Command> finish(const CLI::App& app, Draft& draft, std::size_t arguments) {
    if (Status rest = take_rest(draft, app.remaining(), arguments); !rest) return std::move(rest).error();
    if (Status whole = complete(draft, app.count("--progress") > 0); !whole) return std::move(whole).error();
    return Command(Kind{std::move(draft.crawl)});
  }

  CLI::App app_;
  bool version_ = false;
  CLI::App* crawl_app_ = app_.add_subcommand("crawl");
  CLI::App* demo_app_ = app_.add_subcommand("demo");
  CLI::App* site_app_ = app_.add_subcommand("demo-site");
  Draft crawl_;
  Draft demo_;
  std::string crawl_help_;
  std::string demo_help_;
};

}  // namespace

Command parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  Parser parser;
  Result<Command> command = parser.parse(argc, argv, out);
  if (command) return *std::move(command);
  err << fmt::format("doutu: {}; see {}\n", command.error().message, parser.help_command());
  return ExitCommand{kExitWrongUse};
}

Command parse_command_line(int argc, const char* const* argv) {
  return parse_command_line(argc, argv, std::cout, std::cerr);
}

}  // namespace doutu

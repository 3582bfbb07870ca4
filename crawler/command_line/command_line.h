// The command line of doutu: flags into values. CLI11 stays in the one .cpp. The parent's thread.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crawler/cookies/cookie_sources.h"
#include "crawler/request/asked_pages.h"
#include "crawler/request/command_spec.h"
#include "crawler/request/empty_pages_rule.h"
#include "shared/base/clock.h"
#include "shared/crawl/before_request.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// automatic: a view that is redrawn in place on a terminal, else like plain: a line every 30 s.
enum class ProgressMode { automatic, bar, plain, none };
enum class ColorMode { automatic, always, never };
enum class Verbosity { quiet, normal, verbose };

inline constexpr int kExitWrongUse = 2;

/// `doutu crawl`. What was not given on the command line is empty in the first five.
struct CrawlCommand {
  std::optional<std::string> url_template;
  std::vector<std::string> urls;  ///< Several, in place of a template.
  std::string input_file;         ///< A list of URLs; "-": standard input.
  std::optional<AskedPages> pages;
  std::vector<std::string> xpaths;
  bool names_directory = false;  ///< --directory was given.
  /// Those that the folder remembers, in values that mean the same at another time and place: settings follow from
  /// them.
  std::vector<GivenFlag> flags;
  std::vector<std::string> forget;    ///< Long names: what it is to remember no more.
  std::vector<std::string> recalled;  ///< Long names of those flags that only the folder says.

  std::vector<BeforeRequest> before;  ///< Requests before the first page.
  std::vector<std::string> warnings;  ///< To be said when it begins: secrets that others may see.
  CookieSources cookies;              ///< Whose cookies the crawl begins with.
  std::string save_cookies;           ///< The file that gets its cookies at the end; empty: none.
  std::uint32_t fetchers = 4;         ///< 1 to 64.
  CrawlSettings settings;             ///< xpaths, site_host and run_id are for the crawl to fill in.

  /// Whether it says by itself which pages there are, and means exactly that.
  [[nodiscard]] bool names_urls() const { return url_template || !urls.empty() || !input_file.empty(); }

  milliseconds heartbeat{30'000};  ///< A child without a sign of life for so long counts as dead.
  ProgressMode progress = ProgressMode::automatic;
  ColorMode color = ColorMode::automatic;
  Verbosity verbosity = Verbosity::normal;
  EmptyPages empty_pages = EmptyPages::are_odd;
  bool list = false;     ///< Print the URLs of the images, and fetch none of them.
  std::string log_file;  ///< Empty: DIR/.doutu/crawl.log.
};

/// `doutu demo`: a crawl of the demo site, whose template, pages and XPath the caller knows.
struct DemoCommand {
  CrawlCommand crawl;
};

/// `doutu status`.
struct StatusCommand {
  enum class Form { text, json };
  enum class Times { once, until_the_end };
  std::string directory = "img";
  Form form = Form::text;
  Times times = Times::once;  ///< --watch: once a second until the crawl ends.
  ColorMode color = ColorMode::automatic;
};

/// `doutu probe`: one page is looked at.
struct ProbeCommand {
  enum class Output { text, json };
  std::string url;         ///< Absolute, normalised.
  CrawlSettings settings;  ///< With xpaths and site_origin. No xpaths: some are suggested.
  /// Values of --header as they were written, for the command to crawl by: a secret stays in its file.
  std::vector<std::string> header_flags{};
  std::string user_flag{};              ///< That of --user: a password that was asked for is not in it.
  std::vector<std::string> warnings{};  ///< As CrawlCommand has them.
  CookieSources cookies{};
  Output output = Output::text;
};

/// `doutu demo-site`, in no help: the process that serves the site of `doutu demo`.
struct DemoSiteCommand {};

/// Help, version or the reason of wrong use was printed; nothing is left to do.
struct ExitCommand {
  int status = 0;
};

using Command = std::variant<CrawlCommand, DemoCommand, StatusCommand, ProbeCommand, DemoSiteCommand, ExitCommand>;

/// Help and version go to out. Wrong use puts one line on err that names the flag, the value and what is allowed, and
/// is an ExitCommand with kExitWrongUse.
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err);
/// A crawl by flags that a folder remembers, changed by a command without a URL: a flag of the command takes the place
/// of all of that name, and those that it forgets are left out. The error is one line that names the flag.
[[nodiscard]] Result<CrawlCommand> changed_by(CrawlCommand command, std::vector<GivenFlag> remembered);

/// The same to stdout (standard_output.h) and stderr.
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv);

/// The names of those flags that `doutu probe` takes too, each once: "--header --proxy".
[[nodiscard]] std::string flags_of_probe(const std::vector<GivenFlag>& flags);

/// The flags by which a crawl fetches pages as a probe with these settings and cookies did, without those that have
/// their default.
[[nodiscard]] std::vector<GivenFlag> flags_for_crawl(const CrawlSettings& settings, const CookieSources& cookies);

}  // namespace doutu

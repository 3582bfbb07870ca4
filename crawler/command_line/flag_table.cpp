#include "crawler/command_line/flag_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "crawler/command_line/checked_value.h"
#include "crawler/command_line/flag_kind.h"
#include "crawler/request/recipe.h"
#include "shared/process/stats_page.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMaxFetchers = 64;
constexpr std::uint64_t kMaxThreads = 64;
constexpr milliseconds kShortest{50};
constexpr milliseconds kHour{3'600'000};
constexpr milliseconds kDay{24 * kHour};
constexpr milliseconds kWeek{7 * kDay};
constexpr std::uint64_t kMost = std::uint64_t{1} << 60U;

FlagSpec pages(std::optional<PageRange>& field) {
  return {.value_name = "RANGE",
          .take = [&field](const std::string& text) { return take_pages(field, text); },
          .written = [&field] { return field ? FlagSpec::Texts{field->text()} : FlagSpec::Texts{}; }};
}

FlagSpec directory(std::string& field) {
  FlagSpec flag = text("DIR", field, take_directory);
  flag.words = fmt::format(" [{}]", field);
  return flag;
}

FlagSpec header(ParsedOptions& parsed) {
  FlagSpec flag = list("LINE", parsed.crawl.settings.http.headers);
  flag.take = [&parsed](const std::string& text) { return take_header(parsed, text); };
  return flag;
}

// Folder and progress are of this run; pages and expressions are in what the folder was asked for.

std::vector<FlagSpec> what(ParsedOptions& parsed) {
  CrawlCommand& crawl = parsed.crawl;
  CrawlSettings& settings = crawl.settings;
  return section(
      "What", {row("-p,--pages", fmt::format("pages, such as 1-10,15,20-40:2 [{}]", kDefaultPages), kCrawl,
                   pages(crawl.pages), Remembered::no),
               row("--xpath", "what on a page is an image: attributes, text or elements; repeatable", kCrawl | kProbe,
                   list("EXPR", crawl.xpaths), Remembered::no),
               row("--page-encoding", "what pages are in, whatever they say, such as gbk [as they say]",
                   kCrawl | kProbe, text("LABEL", settings.page.encoding, take_page_encoding)),
               row("-d,--directory", "where images land", kCrawl | kDemo | kStatus,
                   directory(settings.folder.directory), Remembered::no),
               row("--forget", "without URL-TEMPLATE: a flag that DIR is to remember no more; repeatable", kCrawl,
                   list("FLAG", crawl.forget), Remembered::no),
               row("--allow-empty", "pages may have no images; otherwise the exit status is 4", kCrawl,
                   toggle(parsed.allow_empty)),
               row("--keep-extension", "a photo.jpg that is a WebP keeps its name; otherwise it becomes photo.webp",
                   kCrawl, toggle(settings.folder.keep_extension)),
               row("--keep-deleted", "images that you deleted stay away; otherwise the next crawl fetches them again",
                   kCrawl, toggle(settings.folder.keep_deleted)),
               row("--no-mtime", "files have the time of their download, not the Last-Modified of the answer", kCrawl,
                   toggle(settings.image.no_mtime))});
}

std::vector<FlagSpec> how_many(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  return section("How many at a time", {row("--fetchers", "page processes at most, 1 to 64", kCrawl | kDemo,
                                            count(parsed.crawl.fetchers, 1, kMaxFetchers)),
                                        row("-j,--downloaders", "images in flight, 1 to 2048", kCrawl | kDemo,
                                            count(settings.pool.downloaders, 1, kMaxInFlight)),
                                        row("--threads", "threads they share, up to 64; 0: as many as cores",
                                            kCrawl | kDemo, count(settings.pool.threads, 0, kMaxThreads)),
                                        row("-x,--max-per-host", "images in flight per host; 0: no limit of its own",
                                            kCrawl | kDemo, count(settings.politeness.max_per_host, 0, kMaxInFlight))});
}

std::vector<FlagSpec> patience(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  const milliseconds none{0};
  return section(
      "Patience",
      {row("-w,--wait", "gap between two pages, and between two images of a host", kCrawl,
           time(settings.politeness.host_gap, none, kHour)),
       row("-R,--retries", "further attempts at what may succeed later", kCrawl,
           count(settings.politeness.retries, 0, 100)),
       row("--retry-wait", "wait before the first of them; then it doubles", kCrawl,
           time(settings.politeness.retry_wait, none, kHour)),
       row("--connect-timeout", "for a connection", kCrawl | kProbe,
           time(settings.http.connect_timeout, kShortest, kHour)),
       row("--page-timeout", "for a page", kCrawl | kProbe, time(settings.page.timeout, kShortest, kHour)),
       row("--max-time", "for an image", kCrawl, time(settings.image.timeout, kShortest, kDay)),
       row("--speed-limit", "an image slower than N bytes per second ...", kCrawl,
           count(settings.image.speed_limit, 0, 1U << 30U)),
       row("--speed-time", "... for so long is given up", kCrawl,
           time(settings.image.speed_time, milliseconds(1'000), kHour)),
       row("--outage-wait", "how long a host that has answered may be out of reach", kCrawl,
           time(settings.politeness.outage_wait, none, kWeek)),
       row("--disk-wait", "how long a full disk is waited for", kCrawl, time(settings.folder.disk_wait, none, kWeek)),
       row("--heartbeat", "a process without a sign of life for so long is replaced", kCrawl,
           time(parsed.crawl.heartbeat, milliseconds(500), kHour))});
}

std::vector<FlagSpec> how_much(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  return section("How much",
                 {row("--max-images", "the crawl ends, to be continued, when it has saved so many; 0: no limit", kCrawl,
                      count(settings.limits.max_images, 0, kMost)),
                  row("--max-bytes", "the crawl ends, to be continued, when it has saved so much; 0: no limit", kCrawl,
                      size(settings.limits.max_bytes, 0, kMost)),
                  row("--max-host-bytes", "further images of a host that has sent so much fail; 0: no limit", kCrawl,
                      size(settings.limits.max_host_bytes, 0, kMost)),
                  row("--max-image-size", "a larger image fails", kCrawl,
                      size(settings.image.max_bytes, 1, std::uint64_t{1} << 40U)),
                  row("--max-pixels", "an image that announces more fails", kCrawl,
                      count(settings.image.max_pixels, 1, std::uint64_t{1} << 62U)),
                  row("--min-free-disk", "with less left the disk counts as full", kCrawl,
                      size(settings.folder.min_free_disk, 0, kMost, "1G, or 2 % of a small disk"))});
}

std::vector<FlagSpec> requests(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  const CommandSet both = kCrawl | kProbe;
  return section("Requests",
                 {row("-U,--user-agent", "name that servers see [Mozilla/5.0 ... doutu/" DOUTU_VERSION "]", both,
                      line("TEXT", settings.http.user_agent)),
                  row("-e,--referer", "Referer of every request [the page, for its images]", both,
                      line("URL", settings.http.referer)),
                  row("-H,--header",
                      "further header, such as 'Accept-Language: zh'; @FILE: those in a file, - : on standard input; "
                      "repeatable; Authorization and Cookie are sent to the template's server only",
                      both, header(parsed)),
                  row("--http1.1", "never HTTP/2", both, toggle(settings.http.http1)),
                  row("--proxy", "proxy for all requests; the environment is not asked", both,
                      text("URL", settings.http.proxy, take_proxy)),
                  row("--cacert", "certificates to trust, in place of the system's", both,
                      text("FILE", settings.http.ca_file, take_ca_file)),
                  row("-k,--insecure", "do not verify certificates", both, toggle(settings.http.insecure)),
                  row("--allow-private", "allow private addresses for every host, not for that of the template alone",
                      both, toggle(settings.http.allow_private))});
}

std::vector<FlagSpec> safety(ParsedOptions& parsed) {
  const Choices<SandboxMode> modes = {
      {"auto", SandboxMode::automatic}, {"require", SandboxMode::require}, {"off", SandboxMode::off}};
  return section("Safety", {row("--sandbox",
                                "hold the processes that read strangers' bytes to what they need: auto (as far as "
                                "the kernel can), require (else do not start) or off [auto]",
                                kCrawl | kDemo | kProbe, choice("MODE", parsed.crawl.settings.run.sandbox, modes))});
}

std::vector<FlagSpec> output(ParsedOptions& parsed) {
  const Choices<ProgressMode> progress = {{"auto", ProgressMode::automatic},
                                          {"bar", ProgressMode::bar},
                                          {"plain", ProgressMode::plain},
                                          {"none", ProgressMode::none}};
  const Choices<ColorMode> color = {
      {"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}};
  const CommandSet crawls = kCrawl | kDemo;
  return section(
      "Output",
      {row("--json", "one JSON object", kStatus, toggle(parsed.json)),
       row("--json", "as JSON, for programs", kProbe, toggle(parsed.json)),
       row("--watch", "once a second until the crawl ends", kStatus, toggle(parsed.watch)),
       row("--progress", "auto, bar (redrawn), plain (a line every 30 s) or none [auto]", crawls,
           choice("MODE", parsed.crawl.progress, progress), Remembered::no),
       row("--color", "auto, always or never [auto]", crawls | kStatus, choice("WHEN", parsed.crawl.color, color),
           Remembered::no),
       row("--log", "log file [DIR/.doutu/crawl.log]", crawls, line("FILE", parsed.crawl.log_file), Remembered::no),
       row("-q,--quiet", "no progress, no summary: errors, and one line when the exit status is not 0", crawls,
           toggle(parsed.quiet), Remembered::no),
       row("-v,--verbose", "show what is logged", crawls, toggle(parsed.verbose), Remembered::no),
       row("-h,--help", "this text", crawls | kStatus | kProbe, {}, Remembered::no)});
}

}  // namespace

std::vector<FlagSpec> flags_of(CommandSet command, ParsedOptions& parsed) {
  std::vector<FlagSpec> flags;
  for (auto* section_of : {what, how_many, patience, how_much, requests, safety, output}) {
    std::ranges::copy_if(section_of(parsed), std::back_inserter(flags),
                         [command](const FlagSpec& flag) { return (flag.commands & command) != 0; });
  }
  return flags;
}

}  // namespace doutu

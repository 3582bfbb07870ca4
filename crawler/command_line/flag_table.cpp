#include "crawler/command_line/flag_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "crawler/command_line/checked_value.h"
#include "crawler/command_line/flag_kind.h"
#include "crawler/request/before_file.h"
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
constexpr std::uint64_t kLeastRate = 1024;  // Bytes a second. Less is mostly a unit that was forgotten.

/// Of the values of one placeholder the last ones count.
FlagSpec pages(std::optional<AskedPages>& field) {
  return {.value_name = "RANGE",
          .repeat = FlagSpec::Repeat::all_count,
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

FlagSpec before(ParsedOptions& parsed) {
  const std::vector<BeforeRequest>& requests = parsed.crawl.before;
  const auto written = [&requests] {
    FlagSpec::Texts texts;
    for (const BeforeRequest& request : requests) texts.push_back(before_value(request));
    return texts;
  };
  return {.value_name = "URL",
          .repeat = FlagSpec::Repeat::all_count,
          .take = [&parsed](const std::string& text) { return take_before(parsed, text); },
          .written = written};
}

/// Repeatable; each element is checked.
FlagSpec checked_list(std::string_view value_name, std::vector<std::string>& field,
                      Status (*take)(std::vector<std::string>&, const std::string&)) {
  FlagSpec flag = list(value_name, field);
  flag.take = [&field, take](const std::string& text) { return take(field, text); };
  return flag;
}

// Folder and progress are of this run; pages and expressions are in what the folder was asked for.

std::vector<FlagSpec> pages_and_images(ParsedOptions& parsed) {
  CrawlCommand& crawl = parsed.crawl;
  CrawlSettings& settings = crawl.settings;
  const Choices<Checksum> checksums = {{"xxh128", Checksum::xxh128}, {"sha256", Checksum::sha256}};
  return section(
      "Pages and images",
      {row("-p,--pages",
           fmt::format(
               "page numbers, such as 1-10,15,20-40:2, or 1- without an end; NAME=VALUES for another placeholder "
               "{{NAME}}: numbers, a-z, dates, or words; repeatable [{}]",
               kDefaultPages),
           kCrawl, pages(crawl.pages), Remembered::no),
       row("-i,--input-file", "crawl the URLs in a file, one a line; - reads standard input", kCrawl,
           line("FILE", crawl.input_file), Remembered::no),
       row("--direct", "the list names images, not pages", kCrawl, toggle(settings.page.direct)),
       row("--xpath", "XPath expression that selects the images of a page; repeatable", kCrawl | kProbe,
           list("EXPR", crawl.xpaths), Remembered::no),
       row("--follow", "XPath expression of links to pages that have the images; repeatable: each is one step deeper",
           kCrawl, list("EXPR", settings.page.follow)),
       row("--next", "XPath expression of the link to the next page; repeatable", kCrawl,
           list("EXPR", settings.page.next)),
       row("--alternative",
           "XPath expression, relative to an image's element, for another URL to try when the image fails; repeatable",
           kCrawl, list("EXPR", settings.page.alternatives)),
       row("--rewrite",
           "change the URLs of images, such as 's/_thumb//'; if the changed URL fails, the original is taken; "
           "repeatable",
           kCrawl, list("RULE", settings.page.rewrites)),
       row("--refresh-pages", "fetch pages that links led to again, though an earlier crawl has them", kCrawl,
           toggle(settings.page.refresh)),
       row("--list", "print the URLs of the images, one a line, and fetch none of them", kCrawl, toggle(crawl.list),
           Remembered::no),
       row("--page-encoding", "encoding of all pages, such as gbk [as each page declares]", kCrawl | kProbe,
           text("LABEL", settings.page.encoding, take_page_encoding)),
       row("-d,--directory", "folder for the images", kCrawl | kDemo | kStatus, directory(settings.folder.directory),
           Remembered::no),
       row("--forget", "remove an option that the folder remembers; only without a URL; repeatable", kCrawl,
           list("OPTION", crawl.forget), Remembered::no),
       row("--allow-empty", "accept pages without images; otherwise the exit status is 4", kCrawl,
           toggle(parsed.allow_empty)),
       row("--keep-extension", "keep the name photo.jpg of an image that is a WebP; otherwise it becomes photo.webp",
           kCrawl, toggle(settings.folder.keep_extension)),
       row("--keep-deleted", "do not fetch images again whose files you deleted", kCrawl,
           toggle(settings.folder.keep_deleted)),
       row("--checksum",
           "hash to record of every image: xxh128 (fast) or sha256 (to compare with other collections) [xxh128]",
           kCrawl, choice("HASH", settings.image.checksum, checksums)),
       row("--no-mtime", "give files the time of their download, not the server's Last-Modified", kCrawl,
           toggle(settings.image.no_mtime))});
}

std::vector<FlagSpec> concurrency(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  return section("Concurrency",
                 {row("--fetchers", "maximum number of page processes, 1 to 64", kCrawl | kDemo,
                      count(parsed.crawl.fetchers, 1, kMaxFetchers)),
                  row("-j,--downloaders", "concurrent image downloads, 1 to 2048", kCrawl | kDemo,
                      count(settings.pool.downloaders, 1, kMaxInFlight)),
                  row("--threads", "threads that download images, up to 64; 0: one per core", kCrawl | kDemo,
                      count(settings.pool.threads, 0, kMaxThreads)),
                  row("-x,--max-per-host", "concurrent image downloads per host; 0: as many as --downloaders",
                      kCrawl | kDemo, count(settings.politeness.max_per_host, 0, kMaxInFlight))});
}

std::vector<FlagSpec> times_and_retries(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  const milliseconds none{0};
  return section(
      "Times and retries",
      {row("-w,--wait", "minimum gap between two page requests, and between two image requests to one host", kCrawl,
           time(settings.politeness.host_gap, none, kHour)),
       row("-R,--retries", "further attempts after a transient failure", kCrawl,
           count(settings.politeness.retries, 0, 100)),
       row("--retry-wait", "wait before the first retry; it doubles with each further one", kCrawl,
           time(settings.politeness.retry_wait, none, kHour)),
       row("--connect-timeout", "time limit for a connection", kCrawl | kProbe,
           time(settings.http.connect_timeout, kShortest, kHour)),
       row("--page-timeout", "time limit for a page", kCrawl | kProbe, time(settings.page.timeout, kShortest, kHour)),
       row("--max-time", "time limit for an image", kCrawl, time(settings.image.timeout, kShortest, kDay)),
       row("--speed-limit", "minimum speed of an image, in bytes per second", kCrawl,
           count(settings.image.speed_limit, 0, 1U << 30U)),
       row("--speed-time", "give up an image that stays slower than --speed-limit for this time", kCrawl,
           time(settings.image.speed_time, milliseconds(1'000), kHour)),
       row("--outage-wait", "how long to retry a host that answered before and is now unreachable", kCrawl,
           time(settings.politeness.outage_wait, none, kWeek)),
       row("--disk-wait", "how long to wait for space on a full disk", kCrawl,
           time(settings.folder.disk_wait, none, kWeek)),
       row("--heartbeat", "replace a process that gives no sign of life for this time", kCrawl,
           time(parsed.crawl.heartbeat, milliseconds(500), kHour))});
}

std::vector<FlagSpec> limits(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  return section(
      "Limits",
      {row("--max-images", "stop when the crawl has saved N images in all its runs; it can be continued; 0: no limit",
           kCrawl, count(settings.limits.max_images, 0, kMost)),
       row("--max-bytes", "stop when the crawl has saved SIZE in all its runs; it can be continued; 0: no limit",
           kCrawl, size(settings.limits.max_bytes, 0, kMost)),
       row("--max-pages", "fetch at most N pages that links lead to", kCrawl,
           count(settings.limits.max_pages, 0, kMost)),
       row("--max-depth", "follow at most N links one after the other; 0: no limit", kCrawl,
           count(settings.limits.max_depth, 0, 1U << 30U)),
       row("--until-known", "stop after N images in a row that the folder has; 0: never", kCrawl,
           count(settings.limits.until_known, 0, kMost)),
       row("--limit-rate", "fetch at most SIZE a second, all pages and images together; 0: no limit", kCrawl,
           limit_size(settings.limits.max_rate, kLeastRate, kMost)),
       row("--max-host-bytes", "when a host has sent SIZE, its further images fail; 0: no limit", kCrawl,
           size(settings.limits.max_host_bytes, 0, kMost)),
       row("--max-image-size", "an image larger than SIZE fails", kCrawl,
           size(settings.image.max_bytes, 1, std::uint64_t{1} << 40U)),
       row("--max-pixels", "an image with more than N pixels fails", kCrawl,
           count(settings.image.max_pixels, 1, std::uint64_t{1} << 62U)),
       row("--min-free-disk", "pause when free disk space falls below SIZE", kCrawl,
           size(settings.folder.min_free_disk, 0, kMost, "1G, or 2 % of a small disk"))});
}

std::vector<FlagSpec> requests(ParsedOptions& parsed) {
  CrawlSettings& settings = parsed.crawl.settings;
  const CommandSet both = kCrawl | kProbe;
  return section(
      "Requests",
      {row("-U,--user-agent", "User-Agent header [Mozilla/5.0 ... doutu/" DOUTU_VERSION "]", both,
           line("TEXT", settings.http.user_agent)),
       row("-e,--referer",
           "Referer header of every request, or what servers of images learn of the page: none, origin or page [as the "
           "page says, else as browsers do]",
           both, text("URL", settings.http.referer, take_referer)),
       row("-H,--header",
           "additional header, such as 'Accept-Language: zh'; @FILE reads headers from a file, - from "
           "standard input; repeatable; Authorization and Cookie go only to the server of the pages",
           both, header(parsed)),
       row("--user",
           "NAME, or NAME:PASSWORD, to log in by Basic or Digest, only at the server of the pages; without PASSWORD "
           "doutu asks for it, so that other users do not see it in ps",
           both, text("NAME", settings.login.user, take_user)),
       row("--before",
           "request before the first page, such as an age check; @FILE reads requests, such as a login form, from a "
           "file; repeatable; made again when pages lead there",
           kCrawl, before(parsed)),
       row("--http1.1", "do not use HTTP/2", both, toggle(settings.http.http1)),
       row("--proxy", "proxy for all requests; http_proxy and similar variables are ignored", both,
           text("URL", settings.http.proxy, take_proxy)),
       row("--cacert", "PEM file of trusted certificates, instead of the system's", both,
           text("FILE", settings.http.ca_file, take_ca_file)),
       row("-k,--insecure", "do not verify certificates; follow redirects from https to http", both,
           toggle(settings.http.insecure)),
       row("--allow-private", "allow private addresses for every host, not only for that of the pages", both,
           toggle(settings.http.allow_private)),
       row("--robots", "obey robots.txt everywhere, not only where links and lists lead", kCrawl,
           value(settings.politeness.robots, Robots::everything)),
       row("--no-robots", "do not read robots.txt", kCrawl, value(settings.politeness.robots, Robots::nothing))});
}

std::vector<FlagSpec> cookies(ParsedOptions& parsed) {
  CrawlCommand& crawl = parsed.crawl;
  const CommandSet both = kCrawl | kProbe;
  return section(
      "Requests",
      {row("--cookies", "file of cookies in Netscape format (cookies.txt) for the sites of the pages; repeatable", both,
           checked_list("FILE", crawl.cookies.files, take_file)),
       row("--cookies-from", "take the cookies of a browser: firefox, or firefox:PROFILE", both,
           text("BROWSER", crawl.cookies.browser, take_browser)),
       row("--cookies-domain",
           "take the cookies of DOMAIN from --cookies and --cookies-from, too; its images get them, whatever site "
           "their page is of; repeatable",
           both, checked_list("DOMAIN", crawl.settings.http.cookie_domains, take_cookie_domain)),
       row("--save-cookies", "write all cookies to a file in Netscape format when the crawl ends", kCrawl,
           line("FILE", crawl.save_cookies)),
       row("--no-cookies", "keep and send no cookies, except those of --header", both,
           toggle(crawl.settings.http.no_cookies))});
}

std::vector<FlagSpec> safety(ParsedOptions& parsed) {
  const Choices<SandboxMode> modes = {
      {"auto", SandboxMode::automatic}, {"require", SandboxMode::require}, {"off", SandboxMode::off}};
  return section("Safety", {row("--sandbox",
                                "confine the processes that read data from the network: auto (as far as the kernel "
                                "can), require (exit if it cannot) or off [auto]",
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
      {row("--json", "print one JSON object", kStatus, toggle(parsed.json)),
       row("--json", "print one JSON object", kProbe, toggle(parsed.json)),
       row("--watch", "print the status once a second until the crawl ends", kStatus, toggle(parsed.watch)),
       row("--progress", "auto, bar (redrawn in place), plain (a line every 30 s) or none [auto]", crawls,
           choice("MODE", parsed.crawl.progress, progress), Remembered::no),
       row("--color", "use colours: auto, always or never [auto]", crawls | kStatus,
           choice("WHEN", parsed.crawl.color, color), Remembered::no),
       row("--log", "log file [DIR/.doutu/crawl.log]", crawls, line("FILE", parsed.crawl.log_file), Remembered::no),
       row("-q,--quiet", "no progress and no summary; print errors, and one line if the exit status is not 0", crawls,
           toggle(parsed.quiet), Remembered::no),
       row("-v,--verbose", "also print what is logged", crawls, toggle(parsed.verbose), Remembered::no),
       row("-h,--help", "print this help", crawls | kStatus | kProbe, {}, Remembered::no)});
}

}  // namespace

std::vector<FlagSpec> flags_of(CommandSet command, ParsedOptions& parsed) {
  std::vector<FlagSpec> flags;
  for (auto* section_of :
       {pages_and_images, concurrency, times_and_retries, limits, requests, cookies, safety, output}) {
    std::ranges::copy_if(section_of(parsed), std::back_inserter(flags),
                         [command](const FlagSpec& flag) { return (flag.commands & command) != 0; });
  }
  return flags;
}

}  // namespace doutu

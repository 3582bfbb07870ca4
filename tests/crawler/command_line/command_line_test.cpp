#include "crawler/command_line/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Parsed {
  Command command;
  std::string out;
  std::string err;
};

Parsed parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "doutu");
  std::ostringstream out;
  std::ostringstream err;
  Command command = parse_command_line(static_cast<int>(arguments.size()), arguments.data(), out, err);
  return {std::move(command), out.str(), err.str()};
}

CrawlCommand crawl(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "crawl");
  const Parsed parsed = parse(std::move(arguments));
  EXPECT_EQ(parsed.err, "");
  return std::get<CrawlCommand>(parsed.command);
}

int status_of(const Parsed& parsed) {
  const auto* exit = std::get_if<ExitCommand>(&parsed.command);
  return exit == nullptr ? -1 : exit->status;
}

TEST(CommandLine, WhatWasNotGivenIsEmpty) {
  const CrawlCommand command = crawl({});
  EXPECT_EQ(command.url_template, std::nullopt);
  EXPECT_EQ(command.pages, std::nullopt);
  EXPECT_TRUE(command.xpaths.empty());
  EXPECT_EQ(command.settings, CrawlSettings());
  EXPECT_EQ(command.fetchers, 4U);
  EXPECT_EQ(command.heartbeat, milliseconds(30'000));
  EXPECT_EQ(command.progress, ProgressMode::automatic);
  EXPECT_EQ(command.verbosity, Verbosity::normal);
  EXPECT_EQ(command.log_file, "");
}

TEST(CommandLine, HasValuesForEachPlaceholder) {
  EXPECT_EQ(crawl({"--pages", "1-3", "-p", "b=x-z", "-p", "2-5"}).pages->text(), "b=x-z;page=2-5");
}

TEST(CommandLine, TakesSeveralUrlsOrAList) {
  const CrawlCommand several = crawl({"http://a/", "http://b/", "--xpath", "//img"});
  EXPECT_EQ(several.url_template, std::nullopt);
  EXPECT_THAT(several.urls, testing::ElementsAre("http://a/", "http://b/"));
  EXPECT_EQ(crawl({"-i", "-", "--xpath", "//img"}).input_file, "-");
  EXPECT_THAT(crawl({"--direct", "http://a/x.png"}).urls, testing::ElementsAre("http://a/x.png"));
  EXPECT_THAT(crawl({"--follow", "//a", "--follow", "//b"}).settings.page.follow, testing::ElementsAre("//a", "//b"));
}

TEST(CommandLine, OfTwoFlagsForRobotsTheLastOneCountsAndIsRemembered) {
  EXPECT_EQ(crawl({}).settings.politeness.robots, Robots::found_pages);
  for (const auto& [flags, last, robots] :
       {std::tuple{std::vector{"--no-robots", "--robots"}, "--robots", Robots::everything},
        std::tuple{std::vector{"--robots", "--no-robots"}, "--no-robots", Robots::nothing},
        std::tuple{std::vector{"--robots", "--no-robots", "--robots"}, "--robots", Robots::everything}}) {
    const CrawlCommand command = crawl(flags);
    EXPECT_EQ(command.settings.politeness.robots, robots);
    ASSERT_EQ(command.flags.size(), 1U);
    EXPECT_EQ(command.flags[0].name, last);
  }
  const auto changed = changed_by(crawl({"--no-robots"}), {{"--robots", ""}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->settings.politeness.robots, Robots::nothing);
}

TEST(CommandLine, TakesRewritesOfOneForm) {
  EXPECT_THAT(crawl({"--rewrite", "s/a/b/", "--rewrite", "s|x\\|y|$1|g", "--rewrite", "s#a##"}).settings.page.rewrites,
              testing::ElementsAre("s/a/b/", "s|x\\|y|$1|g", "s#a##"));
}

TEST(CommandLine, ADefaultThatIsGivenCountsAsGiven) { EXPECT_NE(crawl({"--pages", "1-10"}).pages, std::nullopt); }

TEST(CommandLine, SetsWhatToCrawlAndHowItLooks) {
  const CrawlCommand command =
      crawl({"http://example.com/{page}", "--pages", "1-3", "--xpath", "//a/@href", "--fetchers", "2", "--heartbeat",
             "3", "--verbose", "--log", "x.log", "--progress", "plain", "--directory", "pictures/"});
  EXPECT_EQ(command.url_template, "http://example.com/{page}");
  EXPECT_EQ(command.pages->text(), "1-3");
  EXPECT_THAT(command.xpaths, ElementsAre("//a/@href"));
  EXPECT_EQ(command.fetchers, 2U);
  EXPECT_EQ(command.heartbeat, milliseconds(3'000));
  EXPECT_EQ(command.verbosity, Verbosity::verbose);
  EXPECT_EQ(command.log_file, "x.log");
  EXPECT_EQ(command.progress, ProgressMode::plain);
  EXPECT_EQ(command.settings.folder.directory, "pictures");
}

TEST(CommandLine, SetsEverySetting) {
  const TemporaryFolder folder;
  const std::string ca_file = folder / "ca.pem";
  std::ofstream(ca_file) << "-----BEGIN CERTIFICATE-----\n";
  const std::string cacert = "--cacert=" + ca_file;
  CrawlSettings expected;
  expected.pool.downloaders = 7;
  expected.pool.threads = 3;
  expected.politeness.max_per_host = 5;
  expected.politeness.host_gap = milliseconds(50);
  expected.politeness.retries = 9;
  expected.politeness.retry_wait = milliseconds(500);
  expected.http.connect_timeout = milliseconds(2'000);
  expected.image.timeout = milliseconds(100'000);
  expected.page.timeout = milliseconds(50'000);
  expected.image.speed_limit = 10;
  expected.image.speed_time = seconds(20);
  expected.http.user_agent = "me";
  expected.http.referer = "http://r/";
  expected.http.headers = {"A: 1", "Cookie: b=2"};
  expected.http.cookie_domains = {"cdn.example", "img.example.com"};
  expected.http.no_cookies = true;
  expected.http.http1 = true;
  expected.http.proxy = "http://p:1";
  expected.http.ca_file = ca_file;
  expected.http.insecure = true;
  expected.http.allow_private = true;
  expected.folder.keep_extension = true;
  expected.folder.keep_deleted = true;
  expected.image.checksum = Checksum::sha256;
  expected.image.no_mtime = true;
  expected.run.sandbox = SandboxMode::require;
  expected.page.encoding = "Shift_JIS";
  expected.politeness.outage_wait = milliseconds(1'000);
  expected.folder.disk_wait = milliseconds(2'000);
  const CrawlCommand command = crawl({"--downloaders=7",
                                      "--threads=3",
                                      "--max-per-host=5",
                                      "--wait=0.05",
                                      "--retries=9",
                                      "--retry-wait=0.5",
                                      "--connect-timeout=2",
                                      "--max-time=100",
                                      "--page-timeout=50",
                                      "--speed-limit=10",
                                      "--speed-time=20",
                                      "--user-agent=me",
                                      "--proxy=http://p:1",
                                      cacert.c_str(),
                                      "--insecure",
                                      "--allow-private",
                                      "--referer=http://r/",
                                      "--header=A: 1",
                                      "--header",
                                      "Cookie: b=2",
                                      "--keep-extension",
                                      "--keep-deleted",
                                      "--checksum=sha256",
                                      "--no-mtime",
                                      "--page-encoding=Shift_JIS",
                                      "--http1.1",
                                      "--no-cookies",
                                      "--cookies-domain=.CDN.example",
                                      "--cookies-domain=img.example.com",
                                      "--sandbox=require",
                                      "--outage-wait=1",
                                      "--disk-wait=2"});
  EXPECT_EQ(command.settings, expected);
}

TEST(CommandLine, PagesMayBeEmptyWhereTheUserSaysSo) {
  EXPECT_EQ(crawl({}).empty_pages, EmptyPages::are_odd);
  EXPECT_EQ(crawl({"--allow-empty"}).empty_pages, EmptyPages::are_fine);
}

TEST(CommandLine, ShortFlagsMeanTheLongOnes) {
  const CrawlCommand command = crawl(
      {"-p", "2", "-d", "x", "-j", "3", "-x", "4", "-w", "5", "-R", "6", "-U", "u", "-k", "-e", "page", "-H", "A: 1"});
  EXPECT_EQ(command.pages->text(), "2");
  EXPECT_EQ(command.settings.folder.directory, "x");
  EXPECT_EQ(command.settings.pool.downloaders, 3U);
  EXPECT_EQ(command.settings.politeness.max_per_host, 4U);
  EXPECT_EQ(command.settings.politeness.host_gap, milliseconds(5'000));
  EXPECT_EQ(command.settings.politeness.retries, 6U);
  EXPECT_EQ(command.settings.http.user_agent, "u");
  EXPECT_TRUE(command.settings.http.insecure);
  EXPECT_EQ(command.settings.http.referer, "page");
  EXPECT_THAT(command.settings.http.headers, ElementsAre("A: 1"));
}

TEST(CommandLine, HeadersComeFromFilesAsWell) {
  const TemporaryFolder folder;
  const std::string file = folder / "headers";
  std::ofstream(file) << "\xef\xbb\xbf"
                      << "Cookie: a=1\r\n\n  \r\nX-Two: 2 2\nX-Last: 3";
  const std::string from_file = "@" + file;
  const CrawlCommand command = crawl({"-H", "A: 1", "-H", from_file.c_str(), "--header=B: 2"});
  EXPECT_THAT(command.settings.http.headers, ElementsAre("A: 1", "Cookie: a=1", "X-Two: 2 2", "X-Last: 3", "B: 2"));
  const Parsed probed = parse({"probe", "http://e.com/", "-H", "A: 1", "-H", from_file.c_str()});
  const auto& probe = std::get<ProbeCommand>(probed.command);
  EXPECT_THAT(probe.settings.http.headers, ElementsAre("A: 1", "Cookie: a=1", "X-Two: 2 2", "X-Last: 3"));
  EXPECT_THAT(probe.header_flags, ElementsAre("A: 1", from_file));
}

TEST(CommandLine, AWrongHeaderFileIsNamedWithTheLineAndNothingOfIt) {
  const TemporaryFolder folder;
  const auto error_of = [&](std::string_view bytes) {
    std::ofstream(folder / "headers", std::ios::binary) << bytes;
    const std::string from_file = "@" + folder / "headers";
    const Parsed parsed = parse({"crawl", "-H", from_file.c_str()});
    EXPECT_EQ(status_of(parsed), 2);
    EXPECT_EQ(std::count(parsed.err.begin(), parsed.err.end(), '\n'), 1);
    EXPECT_THAT(parsed.err, HasSubstr("--header: "));
    EXPECT_THAT(parsed.err, Not(HasSubstr("secret")));
    return parsed.err;
  };
  EXPECT_THAT(error_of("A: 1\n\nthe secret"), HasSubstr("line 3 of \"" + folder / "headers" + "\" is not a header"));
  EXPECT_THAT(error_of("the secret: x\n"), HasSubstr("line 1 of "));
  EXPECT_THAT(error_of(""), HasSubstr("headers\" contains no header")) << "a crawl without the secret";
  EXPECT_THAT(error_of("\n \r\n"), HasSubstr("headers\" contains no header"));
  EXPECT_THAT(error_of("Cookie: secret\x01"), HasSubstr("control character"));
  EXPECT_THAT(error_of(std::string_view("Cookie: secret\0", 15)), HasSubstr("control character"));
  EXPECT_THAT(error_of("Host: secret"), HasSubstr("doutu sets it itself"));
  EXPECT_THAT(error_of("Secret:"), HasSubstr("has no value"));
  EXPECT_THAT(error_of("Cookie: secret" + std::string(9000, '-')), HasSubstr("longer than 8000 bytes"));
  EXPECT_THAT(error_of("A: secret\n" + std::string(70'000, '\n')), HasSubstr("longer than 65536 bytes"));
  std::string many;
  for (int i = 0; i < 3; ++i) many += "Cookie: secret" + std::string(7000, '-') + "\n";
  EXPECT_THAT(error_of(many), HasSubstr("longer than 16384 bytes"));
}

TEST(CommandLine, AHeaderFileHasToBeReadable) {
  const TemporaryFolder folder;
  const auto error_of = [](const std::string& value) {
    const Parsed parsed = parse({"crawl", "-H", value.c_str()});
    EXPECT_EQ(status_of(parsed), 2);
    return parsed.err;
  };
  EXPECT_THAT(error_of("@" + folder / "missing"), HasSubstr(folder / "missing" + "\" cannot be opened: No such file"));
  EXPECT_THAT(error_of("@" + folder / "."), HasSubstr("cannot be read: Is a directory"));
  EXPECT_THAT(error_of("@"), HasSubstr("@FILE"));
}

TEST(CommandLine, XPathIsRepeatableAndDoesNotEatTheTemplate) {
  const CrawlCommand command = crawl({"--xpath", "//img", "--xpath", "//a", "http://example.com/{page}"});
  EXPECT_THAT(command.xpaths, ElementsAre("//img", "//a"));
  EXPECT_EQ(command.url_template, "http://example.com/{page}");
}

TEST(CommandLine, AnXPathIsTakenAsItStands) {
  const char* const odd = "//a[@x=\"1,2\"] | //b[contains(., '[x]')]";
  EXPECT_THAT(crawl({"--xpath", odd, "--xpath", ""}).xpaths, ElementsAre(odd, ""));
}

TEST(CommandLine, TwoDashesEndTheFlags) {
  EXPECT_EQ(crawl({"-p", "1", "--", "http://example.com/{page}"}).url_template, "http://example.com/{page}");
}

TEST(CommandLine, ARateIsNoneOrEnoughForACrawl) {
  EXPECT_EQ(crawl({"--limit-rate", "1K"}).settings.limits.max_rate, 1024U);
  EXPECT_EQ(crawl({"--limit-rate", "5M", "--limit-rate", "0"}).settings.limits.max_rate, 0U);
  for (const char* low : {"100", "1023", "0.9K"}) {
    EXPECT_THAT(parse({"crawl", "--limit-rate", low}).err, HasSubstr("expected a size from 1K to"));
    EXPECT_THAT(parse({"crawl", "--limit-rate", low}).err, HasSubstr(", or 0 for no limit"));
  }
}

TEST(CommandLine, TheLastOfTwoCounts) { EXPECT_EQ(crawl({"--fetchers", "2", "--fetchers=3"}).fetchers, 3U); }

TEST(CommandLine, QuietShowsNoProgressUnlessAsked) {
  EXPECT_EQ(crawl({"-q"}).progress, ProgressMode::none);
  EXPECT_EQ(crawl({"-q"}).verbosity, Verbosity::quiet);
  EXPECT_EQ(crawl({"-q", "--progress", "plain"}).progress, ProgressMode::plain);
}

TEST(CommandLine, ALongWaitBeforeARetryIsNotCutShort) {
  EXPECT_EQ(crawl({"--retry-wait", "120"}).settings.politeness.retry_wait_max, milliseconds(120'000));
  EXPECT_EQ(crawl({"--retry-wait", "2"}).settings.politeness.retry_wait_max, milliseconds(60'000));
}

TEST(CommandLine, TheDemoHasAFolderOfItsOwn) {
  const Parsed parsed = parse({"demo", "--fetchers", "2"});
  const auto& demo = std::get<DemoCommand>(parsed.command);
  EXPECT_EQ(demo.crawl.settings.folder.directory, "img/demo");
  EXPECT_EQ(demo.crawl.fetchers, 2U);
  EXPECT_TRUE(std::holds_alternative<DemoSiteCommand>(parse({"demo-site"}).command));
}

TEST(CommandLine, VersionIsOneLine) {
  const Parsed parsed = parse({"--version"});
  EXPECT_EQ(status_of(parsed), 0);
  EXPECT_EQ(parsed.out, "doutu " DOUTU_VERSION "\n");
}

struct Wrong {
  std::vector<const char*> arguments;
  std::vector<const char*> says;
};

TEST(CommandLine, WrongUseIsOneLineWithFlagValueAndWhatIsAllowed) {
  const std::vector<Wrong> table = {
      {{"crawl", "--pages", "5-1"}, {"--pages", "\"5-1\"", "write 1-5", "see doutu crawl --help"}},
      {{"crawl", "-p", "5-,1-3"}, {"--pages", "\"5-,1-3\"", "has no end"}},
      {{"crawl", "http://a/", "http://b/{page}"}, {"http://b/{page}", "only URL"}},
      {{"crawl", "http://a/", "b"}, {"\"b\" is not an http or https URL"}},
      {{"crawl", "http://a/", "-i", "x"}, {"--input-file", "http://a/", "contradict"}},
      {{"crawl", "-i", "x", "-p", "1-3"}, {"--pages works only with a single URL"}},
      {{"crawl", "--pages", "Tag=a,b"}, {"--pages", "\"Tag=a,b\"", "names no placeholder"}},
      {{"crawl", "--pages", "a=1-3", "--pages", "1-"}, {"--pages", "only placeholder"}},
      {{"crawl", "-p", "1-99999999999"}, {"--pages", "the largest page number is 999999999"}},
      {{"crawl", "--pages", ""}, {"--pages", "empty"}},
      {{"crawl", "--fetchers", "0"}, {"--fetchers", "\"0\"", "from 1 to 64"}},
      {{"crawl", "--fetchers", "65"}, {"--fetchers", "\"65\"", "from 1 to 64"}},
      {{"crawl", "--fetchers", "many"}, {"--fetchers", "\"many\"", "from 1 to 64"}},
      {{"crawl", "--fetchers"}, {"--fetchers: the value is missing"}},
      {{"crawl", "-p"}, {"--pages: the value is missing"}},
      {{"crawl", "--xpath"}, {"--xpath: the value is missing"}},
      {{"crawl", "-j", "2049"}, {"--downloaders", "\"2049\"", "from 1 to 2048"}},
      {{"crawl", "--threads", "65"}, {"--threads", "from 0 to 64"}},
      {{"crawl", "--wait", "-1"}, {"--wait", "\"-1\"", "seconds from 0 to 3600"}},
      {{"crawl", "--max-time", "0"}, {"--max-time", "seconds from 0.05 to 86400"}},
      {{"crawl", "--progress", "loud"}, {"--progress", "\"loud\"", "auto, bar, plain or none"}},
      {{"crawl", "--color", "blue"}, {"--color", "\"blue\"", "auto, always or never"}},
      {{"status", "a", "b"}, {"unexpected argument \"b\""}},
      {{"status", "a", "--directory", "b"}, {"DIR and --directory mean the same; give only one"}},
      {{"status", ""}, {"DIR: ", "empty"}},
      {{"status", "--jason"}, {"unknown option \"--jason\"", "doutu status --help"}},
      {{"crawl", "--cacert", "/does/not/exist"}, {"--cacert", "No such file"}},
      {{"crawl", "--cacert", "/dev/null"}, {"--cacert: \"/dev/null\" contains no PEM certificate"}},
      {{"probe", "http://e.com/", "--cacert", "/"}, {"--cacert: \"/\" contains no PEM certificate"}},
      {{"crawl", "-d", "x", "--forget", "pages"}, {"--forget: ", "give --pages RANGE to change them"}},
      {{"crawl", "--page-encoding", "klingon"}, {"--page-encoding", "unknown encoding \"klingon\""}},
      {{"crawl", "--user-agent", "a\nb"}, {"--user-agent", "control character"}},
      {{"crawl", "-H", "Accept"}, {"--header: the value is not a header", "NAME: VALUE"}},
      {{"crawl", "-H", "Host: x"},
       {"--header: \"Host: ...\" cannot be set with --header; doutu sets it itself", "doutu sets it itself"}},
      {{"crawl", "-e", "orign"}, {"--referer: \"orign\" is neither none, origin, page nor a URL"}},
      {{"crawl", "-e", "http://r/\nA: b"}, {"--referer", "control character"}},
      {{"crawl", "-H", "referer: x"}, {"--header", "use --referer"}},
      {{"crawl", "-H", "A: b\r\nHost: c"}, {"--header", "control character"}},
      {{"crawl", "--directory", ""}, {"--directory", "empty"}},
      {{"crawl", "--insecure=maybe"}, {"--insecure takes no value"}},
      {{"crawl", "-q", "-v"}, {"--quiet and --verbose"}},
      {{"crawl", "--depth", "3"}, {"unknown option \"--depth\"; use --max-depth N", "see doutu crawl --help"}},
      {{"crawl", "--frobnicate", "3"}, {"unknown option \"--frobnicate\"; see doutu crawl --help"}},
      {{"demo", "-w", "3"}, {"unknown option \"-w\"; it is an option of doutu crawl", "see doutu demo --help"}},
      {{"crawl", "-o", "x"}, {"unknown option \"-o\"; use --directory DIR for the folder"}},
      {{"crawl", "-P", "x"}, {"unknown option \"-P\"; use --directory DIR for the folder"}},
      {{"crawl", "-nc"}, {"unknown option \"-nc\"; doutu always does this: the same command continues"}},
      {{"crawl", "--css=img"}, {"unknown option \"--css\"; use --xpath EXPR"}},
      {{"probe", "--cookie", "a=b"}, {"unknown option \"--cookie\"; use --cookies FILE for a file of cookies"}},
      {{"crawl", "--load-cookies=c.txt"}, {"unknown option \"--load-cookies\"; use --cookies FILE"}},
      {{"crawl", "--cookies-from", "chrome"}, {"--cookies-from: \"chrome\" is no browser whose cookies", "firefox"}},
      {{"crawl", "--cookies-from", "firefox:"}, {"--cookies-from: the name of the profile is empty"}},
      {{"crawl", "--cookies-from", "firefox:./x"}, {"--cookies-from: \"./x\" is not an absolute path"}},
      {{"crawl", "--cookies-domain", "co.uk"}, {"--cookies-domain: \"co.uk\" is not one site"}},
      {{"crawl", "--cookies-domain", "https://e.com"}, {"--cookies-domain: \"https://e.com\" is not a domain"}},
      {{"crawl", "--cookies", ""}, {"--cookies", "empty"}},
      {{"crawl", "--proxy", "ftp://p:1"}, {"--proxy: unknown kind of proxy \"ftp\"; expected http, https, socks4"}},
      {{"crawl", "--proxy", "http://"}, {"--proxy: \"http://\" is not a proxy URL; examples: http"}},
      {{"crawl", "-ume:sesame"}, {"unknown option \"-u\"; use "}},
      {{"crawl", "https://e.com/1", "https://me:sesame@e.com/{x}"}, {"\"https://***@e.com/{x}\" has a placeholder"}},
      {{"crawl", "--fetcher", "2"}, {"unknown option \"--fetcher\"; did you mean --fetchers? see doutu crawl --help"}},
      {{"crawl", "--dierctory=x"}, {"did you mean --directory?"}},
      {{"crawl", "--connect", "3"}, {"did you mean --connect-timeout?"}},
      {{"--fetchers", "2", "crawl"}, {"unknown option \"--fetchers\"; it is an option of doutu crawl"}},
      {{"help", "crwal"}, {"unknown command \"crwal\"", "did you mean crawl?"}},
      {{"help", "crawl", "demo"}, {"unexpected argument \"demo\""}},
      {{"completions", "tcsh"}, {"\"tcsh\"", "bash, zsh or fish"}},
      {{"completions"}, {"bash, zsh or fish"}},
      {{"crawl", "--", "--fetchers"}, {"URL-TEMPLATE", "\"--fetchers\""}},
      {{"crawl", "--version"}, {"unknown option \"--version\""}},
      {{"crawl", "example.com/{page}"}, {"URL-TEMPLATE", "example.com/{page}", "not an http or https URL"}},
      {{"crawl", "http://a.com/{page}", "http://b.com/{page}"}, {"\"http://a.com/{page}\" has a placeholder"}},
      {{"demo", "--pages", "1"}, {"unknown option \"--pages\"", "see doutu demo --help"}},
      {{"demo", "http://a.com/"}, {"unexpected argument"}},
      {{"crawl", "demo"}, {"URL-TEMPLATE", "\"demo\""}},
      {{"demo", "crawl"}, {"unexpected argument \"crawl\""}},
      {{"crawll"}, {"\"crawll\"", "expected crawl, demo", "did you mean crawl? see doutu --help"}},
      {{"--nonsense"}, {"\"--nonsense\"", "see doutu --help"}},
      {{"\x1b[2J"}, {"\\x1b[2J"}},
  };
  for (const Wrong& wrong : table) {
    const Parsed parsed = parse(wrong.arguments);
    SCOPED_TRACE(wrong.arguments.back());
    SCOPED_TRACE(parsed.err);
    EXPECT_EQ(status_of(parsed), 2);
    EXPECT_EQ(parsed.out, "");
    EXPECT_EQ(std::count(parsed.err.begin(), parsed.err.end(), '\n'), 1);
    for (const char* says : wrong.says) EXPECT_THAT(parsed.err, HasSubstr(says));
  }
}

TEST(CommandLine, TakesTheFolderOfStatusAsArgumentOrFlag) {
  const auto directory_of = [](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "status");
    return std::get<StatusCommand>(parse(std::move(arguments)).command).directory;
  };
  EXPECT_EQ(directory_of({}), "img");
  EXPECT_EQ(directory_of({"pictures/"}), "pictures");
  EXPECT_EQ(directory_of({"-d", "pictures/"}), "pictures");
  EXPECT_EQ(directory_of({"--directory=pictures", "--json"}), "pictures");
}

TEST(CommandLine, HelpGoesToStdoutWithin80ColumnsAndShowsExamplesFirst) {
  const std::vector<std::vector<const char*>> table = {{},
                                                       {"--help"},
                                                       {"-h"},
                                                       {"crawl", "--help"},
                                                       {"crawl", "-p", "1", "-h"},
                                                       {"demo", "--help"},
                                                       {"help"},
                                                       {"help", "crawl"},
                                                       {"help", "demo"},
                                                       {"help", "help"},
                                                       {"help", "--help"}};
  for (const auto& arguments : table) {
    const Parsed parsed = parse(arguments);
    EXPECT_EQ(status_of(parsed), 0);
    EXPECT_EQ(parsed.err, "");
    EXPECT_LT(parsed.out.find("Examples:"), 100U);
    EXPECT_THAT(parsed.out, HasSubstr("--help"));
    std::istringstream lines(parsed.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(CommandLine, HelpOnACommandIsItsHelp) {
  EXPECT_EQ(parse({"help", "crawl"}).out, parse({"crawl", "--help"}).out);
  EXPECT_EQ(parse({"help"}).out, parse({"--help"}).out);
  EXPECT_NE(parse({"help"}).out, parse({"help", "demo"}).out);
}

TEST(CommandLine, HelpShowsTheDefaults) {
  const std::string help = parse({"crawl", "--help"}).out;
  for (const char* says :
       {"[1-10]", "maximum number of page processes, 1 to 64 [4]", "1 to 2048 [20]", "[img]", "[1800]"}) {
    EXPECT_THAT(help, HasSubstr(says));
  }
}

}  // namespace
}  // namespace doutu

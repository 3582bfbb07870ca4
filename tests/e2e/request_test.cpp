// What the programs say to servers: headers, Referer, version of HTTP.

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <tuple>

#include "tests/e2e/crawl_fixture.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

class Request : public CrawlTest {
 protected:
  static Hit hit(const TestSite& site, const std::string& path) {
    const std::vector<Hit> log = site.log();
    const auto found = std::ranges::find(log, path, &Hit::path);
    EXPECT_NE(found, log.end()) << path;
    return found == log.end() ? Hit() : *found;
  }

  TestSite other_;
};

TEST_F(Request, HasTheHeadersOfTheCommandLine) {
  image("/a.png", 1);
  list(1, {"/a.png"});
  EXPECT_EQ(crawl("1", {"-H", "Accept-Language: zh", "--header", "X-Two: 2 2", "-H", "Cookie: a=1"}).status, 0);
  for (const char* path : {"/list/1", "/a.png"}) {
    EXPECT_EQ(hit(site_, path).header("accept-language"), "zh") << path;
    EXPECT_EQ(hit(site_, path).header("x-two"), "2 2") << path;
    EXPECT_EQ(hit(site_, path).header("cookie"), "a=1") << path;
  }
  EXPECT_EQ(hit(site_, "/a.png").header("accept-encoding"), "identity");
}

TEST_F(Request, HasTheHeadersOfAFile) {
  image("/a.png", 1);
  list(1, {"/a.png"});
  const std::string file = temporary_ / "headers";
  write_file(file, "Cookie: of=file\r\n");
  EXPECT_EQ(crawl("1", {"-H", "@" + file}).status, 0);
  EXPECT_EQ(hit(site_, "/a.png").header("cookie"), "of=file");
  EXPECT_EQ(site_.log().back().header("cookie"), "of=file");
}

TEST_F(Request, TakesHeadersFromStandardInput) {
  image("/a.png", 1);
  list(1, {"/a.png"});
  const std::regex quote("'");
  std::string line = "printf 'Authorization: Basic piped\n\nX-Two: 2\n' | '" DOUTU_PROGRAM "'";
  for (const std::string& word : command("1", {"-H", "-"}))
    line += " '" + std::regex_replace(word, quote, "'\\''") + "'";
  EXPECT_EQ(std::system((line + " >/dev/null 2>&1").c_str()), 0);  // NOLINT(cert-env33-c): a test's own words
  for (const char* path : {"/list/1", "/a.png"}) {
    EXPECT_EQ(hit(site_, path).header("authorization"), "Basic piped") << path;
    EXPECT_EQ(hit(site_, path).header("x-two"), "2") << path;
  }
}

TEST_F(Request, IsNotSentWithoutTheHeadersThatStandardInputShouldHave) {
  const std::string file = temporary_ / "headers";
  write_file(file, "Cookie: secret\n");
  const auto run = [&](const std::string& redirection, const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {"-c", "exec \"$0\" \"$@\" " + redirection, DOUTU_PROGRAM};
    for (const std::string& word : command("1", flags)) arguments.push_back(word);
    return CrawlRun(arguments, "", {}, "/bin/sh").wait();
  };
  for (const auto& [redirection, flags, words] :
       std::vector<std::tuple<std::string, std::vector<std::string>, std::string>>{
           {"</dev/null", {"-H", "-"}, "standard input contains no header"},
           {"<&-", {"-H", "@-"}, "standard input contains no header"},
           {"<'" + file + "'", {"-H", "-", "-H", "@-"}, "standard input can be read only once"}}) {
    const Ended ended = run(redirection, flags);
    EXPECT_EQ(ended.status, 2) << redirection;
    EXPECT_NE(ended.err.find(words), std::string::npos) << ended.err;
  }
  EXPECT_TRUE(site_.log().empty());
}

TEST_F(Request, KeepsCredentialsFromOtherServers) {
  image("/a.png", 1);
  other_.file("/b.png", small_image(2));
  other_.file("/c.png", small_image(3));
  site_.respond("/moved.png", Response{.status = 302, .headers = {{"Location", other_.url("/c.png")}}});
  list(1, {"/a.png", "/moved.png", other_.url("/b.png")});
  const auto ended = crawl("1", {"-H", "Authorization: Basic x", "-H", "cookie: a=1", "-H", "X-Other: y"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), 3U);
  for (const char* path : {"/list/1", "/a.png", "/moved.png"}) {
    EXPECT_EQ(hit(site_, path).header("authorization"), "Basic x") << path;
    EXPECT_EQ(hit(site_, path).header("cookie"), "a=1") << path;
  }
  for (const char* path : {"/b.png", "/c.png"}) {
    EXPECT_EQ(hit(other_, path).header("authorization"), "") << path;
    EXPECT_EQ(hit(other_, path).header("cookie"), "") << path;
    EXPECT_EQ(hit(other_, path).header("x-other"), "y") << path;
  }
}

TEST_F(Request, KeepsCredentialsToOneServerOnEveryHop) {
  const std::string other_name = "http://localhost:" + std::to_string(site_.port());
  const auto to = [](const std::string& url) { return Response{.status = 307, .headers = {{"Location", url}}}; };
  // The template's server, another port, the template's, another name for it, and with a user of the URL's own.
  site_.respond("/1.png", to(other_.url("/2.png")));
  other_.respond("/2.png", to(site_.url("/3.png")));
  site_.respond("/3.png", to(other_name + "/4.png"));
  site_.respond("/4.png", to("http://u:pw@127.0.0.1:" + std::to_string(other_.port()) + "/5.png"));
  other_.respond("/5.png", to(other_name + "/6.png"));
  image("/6.png", 6);
  list(1, {"/1.png"});
  const auto ended = crawl("1", {"-H", "Authorization: Basic x", "-H", "Cookie: a=1", "--allow-private"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  for (const char* path : {"/1.png", "/3.png"}) {
    EXPECT_EQ(hit(site_, path).header("authorization"), "Basic x") << path;
    EXPECT_EQ(hit(site_, path).header("cookie"), "a=1") << path;
  }
  for (const auto& [site, path] : {std::pair(&other_, "/2.png"), {&site_, "/4.png"}, {&site_, "/6.png"}}) {
    EXPECT_EQ(hit(*site, path).header("authorization"), "") << path;
    EXPECT_EQ(hit(*site, path).header("cookie"), "") << path;
  }
  EXPECT_EQ(hit(other_, "/5.png").header("authorization"), "Basic dTpwdw==");
  EXPECT_EQ(hit(other_, "/5.png").header("cookie"), "");
}

TEST_F(Request, KeepsCredentialsFromWhereAPageMovedTo) {
  other_.page("/list/1", "<p>no image");
  site_.respond("/list/1", Response{.status = 301, .headers = {{"Location", other_.url("/list/1")}}});
  (void)crawl("1", {"-H", "Authorization: Basic x"});
  EXPECT_EQ(hit(site_, "/list/1").header("authorization"), "Basic x");
  EXPECT_EQ(hit(other_, "/list/1").header("authorization"), "");
}

TEST_F(Request, HasTheRefererOfTheCommandLine) {
  image("/a.png", 1);
  list(1, {"/a.png"});
  EXPECT_EQ(crawl("1", {"--referer", "https://example.com/from"}).status, 0);
  for (const char* path : {"/list/1", "/a.png"}) {
    EXPECT_EQ(hit(site_, path).header("referer"), "https://example.com/from") << path;
  }
}

/// What the programs greet a TLS server with: the protocols that they offer stand in it as they are.
class Greetings {
 public:
  [[nodiscard]] std::string page_url() const { return https("/{page}"); }
  [[nodiscard]] std::string https(const std::string& path) const { return "https" + server_.url(path).substr(4); }
  /// How many greetings had this in them.
  [[nodiscard]] std::size_t with(std::string_view protocol) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        server_.requests(), [&](const auto& greeting) { return greeting.find(protocol) != std::string::npos; }));
  }

 private:
  RawServer server_{[](const std::string&) { return RawAnswer{}; }};
};

TEST_F(Request, OffersHttp2UnlessToldNotTo) {
  for (const bool http1 : {false, true}) {
    const Greetings greetings;
    std::vector<std::string> more = {"--retries", "0"};
    if (http1) more.emplace_back("--http1.1");
    list(1, {greetings.https("/a.png")});
    EXPECT_EQ(crawl("1", more).status, 3);  // greets from the downloader
    std::vector<std::string> page = command("1", more);
    page[1] = greetings.page_url();
    EXPECT_EQ(run_doutu(page).status, 3);  // from the page fetcher
    EXPECT_EQ(greetings.with("\x08http/1.1"), 2U);
    EXPECT_EQ(greetings.with("\x02h2"), http1 ? 0U : 2U);
  }
}

}  // namespace
}  // namespace doutu

// `doutu probe` as a user runs it: one page, what expressions find there, which are suggested.

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;

class Probe : public CrawlTest {
 protected:
  Probe() { list(3, {"/img/1.png", "/img/2.png", "/img/2.png", "javascript:x"}); }

  [[nodiscard]] Ended probe(const std::string& path, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"probe", site_.url(path)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_doutu(arguments, temporary_.path().string());
  }
};

TEST_F(Probe, ShowsWhatAnExpressionFinds) {
  const Ended ended = probe("/list/3", {"--xpath", std::string(kMemeXpath), "--xpath", "//img/@src"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, HasSubstr("2 images; 1 duplicate link\n    " + site_.url("/img/1.png\n")));
  EXPECT_THAT(ended.out, HasSubstr("1 hit without an http or https URL, such as javascript:x\n"));
  EXPECT_THAT(ended.out, HasSubstr("doutu crawl '" + site_.url("/list/{page}") + "' --pages 3-12 --xpath"));
  EXPECT_THAT(ended.out, HasSubstr("3 as the page number is a guess"));
}

TEST_F(Probe, ProposesAnExpressionThatACrawlThenUses) {
  list(7, {"/img/1.png", "/img/2.png", "/img/3.png"});
  for (const int number : {1, 2, 3})
    image("/img/" + std::to_string(number) + ".png", static_cast<std::uint64_t>(number));
  const Ended ended = probe("/list/7", {"--json"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const auto json = nlohmann::json::parse(ended.out);
  const auto& best = json.at("suggestions").at(0);
  EXPECT_EQ(best.at("distinct"), 3);
  EXPECT_THAT(best.at("why").dump(), HasSubstr("src is the same placeholder on all of them: /loader.gif"));
  const Ended crawled = run_doutu({"crawl", site_.url("/list/{page}"), "--pages", "7", "--xpath", best.at("xpath"),
                                   "--directory", folder_.path(), "--progress", "none"});
  EXPECT_EQ(crawled.status, 0) << crawled.err;
  EXPECT_EQ(folder_.images().size(), 3U);
}

TEST_F(Probe, FetchesThePageAndNothingElse) {
  (void)probe("/list/3");
  EXPECT_EQ(site_.log().size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder_.path()));
}

TEST_F(Probe, FollowsRedirectsAndSendsWhatIsAsked) {
  site_.respond("/old", Response{.status = 302, .headers = {{"Location", "/list/3"}}});
  const Ended ended = probe("/old", {"-U", "me", "-H", "Cookie: a=b"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("redirected to " + site_.url("/list/3")));
  EXPECT_EQ(site_.log().back().header("user-agent"), "me");
  EXPECT_EQ(site_.log().back().header("cookie"), "a=b");
  EXPECT_THAT(ended.out, HasSubstr(" --user-agent me --header 'Cookie: a=b'\n"));
}

TEST_F(Probe, ReadsThePageInTheEncodingItIsToldTo) {
  site_.page("/gbk", "<img src='/\xcd\xbc.png?\xcd\xbc'>");
  const Ended ended = probe("/gbk", {"--xpath", "//img", "--page-encoding", "gbk"});
  EXPECT_THAT(ended.out, HasSubstr(site_.url("/%E5%9B%BE.png?%CD%BC")));
  EXPECT_THAT(ended.out, HasSubstr("--page-encoding gbk"));
}

TEST_F(Probe, SaysWhyAPageDidNotCome) {
  site_.respond("/gone", Response{.status = 404});
  const Ended gone = probe("/gone");
  EXPECT_EQ(gone.status, 3);
  EXPECT_THAT(gone.out, HasSubstr("could not be fetched: the server answered 404 (http-404)"));

  site_.hold("/slow");
  const Ended slow = probe("/slow", {"--page-timeout", "0.2"});
  site_.release("/slow");
  EXPECT_EQ(slow.status, 3);
  EXPECT_THAT(slow.out, HasSubstr("(timeout)"));
}

TEST_F(Probe, TalksToNoPrivateAddressThatTheUrlDoesNotName) {
  site_.respond("/away",
                Response{.status = 302,
                         .headers = {{"Location", "http://localhost:" + std::to_string(site_.port()) + "/list/3"}}});
  const Ended ended = probe("/away");
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, HasSubstr("(private-address)"));
  EXPECT_EQ(probe("/away", {"--allow-private"}).status, 0);
}

TEST_F(Probe, OutlivesAFetcherThatDies) {
  namespace fs = std::filesystem;
  const TemporaryFolder programs;
  fs::copy(DOUTU_BUILD_FOLDER "/bin/doutu", programs.path() / "doutu");
  const auto probe_with = [&](const std::string& script) {
    std::ofstream(programs / "doutu-fetcher") << "#!/bin/sh\n" << script << "\n";
    fs::permissions(programs / "doutu-fetcher", fs::perms::owner_all);
    return CrawlRun({"probe", site_.url("/list/3")}, "", {}, programs / "doutu").wait();
  };
  const Ended crashed = probe_with("kill -SEGV $$");
  EXPECT_EQ(crashed.status, 3);
  EXPECT_THAT(crashed.out, HasSubstr("(page-kills-fetcher)"));
  const Ended lied = probe_with("echo '{\"url\": 7}'");
  EXPECT_EQ(lied.status, 1);
  EXPECT_THAT(lied.err, HasSubstr("doutu: cannot probe the page: invalid answer from the page fetcher: "));
  const Ended failed = probe_with("exit 1");
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("exit status 1"));
}

TEST_F(Probe, SaysThatThereIsNothing) {
  site_.page("/text", "<p>no image</p>");
  const Ended suggested = probe("/text");
  EXPECT_EQ(suggested.status, 4);
  EXPECT_THAT(suggested.out, HasSubstr("Nothing on the page looks like an image"));
  EXPECT_EQ(probe("/text", {"--xpath", "//img"}).status, 4);
}

TEST_F(Probe, LetsNothingOfThePageReachTheTerminal) {
  site_.page("/evil", "<img src='\x1b]0;x\x07.png'><img src='javascript:\x1b[2J'><img class='\x1b[2J' src=/a.png>");
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--xpath", "//img"}, {"--json"}}) {
    EXPECT_THAT(probe("/evil", more).out, Not(HasSubstr("\x1b")));
  }
}

TEST_F(Probe, WrongUseIsOneLineThatSaysSo) {
  const auto expect_wrong = [&](const std::vector<std::string>& arguments, const std::string& words) {
    const Ended ended = run_doutu(arguments);
    EXPECT_EQ(ended.status, 2) << words;
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr(words));
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  };
  expect_wrong({"probe"}, "the URL is missing");
  expect_wrong({"probe", "example.com"}, "URL: \"example.com\" is not an http or https URL");
  expect_wrong({"probe", "foo", "bar"}, "example: https://example.com/list?page=1; see doutu probe --help");
  expect_wrong({"probe", ""}, "URL: \"\" is not an http or https URL");
  expect_wrong({"probe", site_.url("/list/{page}")}, "replace {page} with a number");
  expect_wrong({"probe", site_.url("/list/3"), site_.url("/list/4")}, "unexpected argument");
  expect_wrong({"probe", site_.url("/list/3"), "--xpath", "//img["}, "--xpath: ");
  expect_wrong({"probe", site_.url("/list/3"), "--pages", "1"}, "--pages");
  EXPECT_TRUE(site_.log().empty());
}

}  // namespace
}  // namespace doutu

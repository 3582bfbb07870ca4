// Sites that fail: every failure has a name, and what can be had is had. Failures of single answers:
// server_faults_test.cpp.

#include "crawler/demo/draw_image.h"
#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class Failures : public CrawlTest {
 protected:
  /// Crawls one page with one image that the site answers so; the cause that failures.jsonl names.
  std::string cause_of(const Response& response, const std::vector<std::string>& more = {}) {
    site_.respond("/bad.jpg", response);
    return cause_of_link("/bad.jpg", more);
  }

  std::string cause_of_link(const std::string& link, const std::vector<std::string>& more = {}) {
    const std::string good = image("/good.png", 1);
    list(1, {link, "/good.png"});
    std::vector<std::string> flags = {"--retries", "1"};
    flags.insert(flags.end(), more.begin(), more.end());
    const Ended ended = crawl("1", flags);
    EXPECT_EQ(ended.status, 3) << ended.err;
    EXPECT_EQ(folder_.images(), (std::map<std::string, std::string>{{"good.png", good}})) << "no bad file is saved";
    const ReportFile report = folder_.report();
    EXPECT_EQ(report.outcome, "failures");
    EXPECT_TRUE(report.balances());
    EXPECT_EQ(report.images, (ReportFile::Images{.found = 2, .saved = 1, .failed = 1}));
    const auto failures = folder_.failures();
    EXPECT_EQ(failures.size(), 1U);
    if (failures.size() != 1) return "";
    EXPECT_EQ(failures[0].page, 1U);
    EXPECT_EQ(report.failures, (std::map<std::string, std::uint64_t>{{failures[0].cause, 1}}));
    return failures[0].cause;
  }

  std::size_t tries() const { return site_.count("/bad.jpg"); }
};

TEST_F(Failures, ImageNotFound) {
  EXPECT_EQ(cause_of({.status = 404, .body = "no"}), "http-404");
  EXPECT_EQ(tries(), 1U) << "a permanent answer is not asked for again";
  EXPECT_EQ(folder_.failures()[0].status, 404);
  EXPECT_EQ(folder_.failures()[0].attempts, 1);
  EXPECT_EQ(folder_.failures()[0].url, site_.url("/bad.jpg"));
}

TEST_F(Failures, AnswerThatNeverComes) {
  const auto before = steady_clock::now();
  EXPECT_EQ(cause_of({.raw = "HTTP/1.1 200 OK\r\n", .ending = Response::Ending::hang}, {"--max-time", "0.3"}),
            "timeout");
  EXPECT_EQ(tries(), 2U);
  EXPECT_LT(steady_clock::now() - before, seconds(10) * kPatience);
}

TEST_F(Failures, LinkThatIsNoUrl) { EXPECT_EQ(cause_of_link("http://[::1/a.jpg"), "bad-url"); }

TEST_F(Failures, LinkThatIsTooLong) {
  EXPECT_EQ(cause_of_link("/" + std::string(20'000, 'a') + ".jpg"), "url-too-long");
}

TEST_F(Failures, ImageOnAPrivateAddressOfAnotherHost) {
  const std::string elsewhere = "http://localhost:" + std::to_string(site_.port()) + "/private.jpg";
  EXPECT_EQ(cause_of_link(elsewhere), "private-address");
  EXPECT_EQ(site_.count("/private.jpg"), 0U);
}

TEST_F(Failures, RedirectToAPrivateAddressOfAnotherHost) {
  const std::string elsewhere = "http://localhost:" + std::to_string(site_.port()) + "/private.jpg";
  EXPECT_EQ(cause_of({.status = 301, .headers = {{"Location", elsewhere}}}), "private-address");
  EXPECT_EQ(site_.count("/private.jpg"), 0U);
}

TEST_F(Failures, AllowPrivateAllowsPrivateAddresses) {
  image("/private.png", 1);
  list(1, {"http://localhost:" + std::to_string(site_.port()) + "/private.png"});
  EXPECT_EQ(crawl("1", {"--allow-private"}).status, 0);
  EXPECT_EQ(folder_.images().size(), 1U);
}

TEST_F(Failures, ImageWithMorePixelsThanTheLimit) {
  const Response picture{.headers = {{"Content-Type", "image/png"}}, .body = draw_image(7, 100)};
  EXPECT_EQ(cause_of(picture, {"--max-pixels", "9999"}), "too-many-pixels");
  EXPECT_EQ(tries(), 1U);
}

TEST_F(Failures, ImageLargerThanTheLimit) {
  const Response picture{.headers = {{"Content-Type", "image/png"}}, .body = draw_image(7, 100)};
  EXPECT_EQ(cause_of(picture, {"--max-image-size", "2K"}), "too-large");
}

TEST_F(Failures, ImagesOfAServerThatHasSentEnough) {
  std::vector<std::string> urls;
  for (int number = 1; number <= 20; ++number) {
    urls.push_back("/" + std::to_string(number) + ".png");
    image(urls.back(), static_cast<std::uint64_t>(number));
  }
  list(1, urls);
  EXPECT_EQ(crawl("1", {"--max-host-bytes", "3K", "--downloaders", "1"}).status, 3);
  const ReportFile report = folder_.report();
  EXPECT_TRUE(report.balances());
  EXPECT_GE(report.bytes, 3U << 10U);
  EXPECT_LT(report.bytes, 5U << 10U) << "at most the image that reached the limit more";
  EXPECT_EQ(report.failures, (std::map<std::string, std::uint64_t>{{"host-limit", report.images.failed}}));
  EXPECT_EQ(crawl("1").status, 0) << "the same command tries these again";
  EXPECT_EQ(folder_.images().size(), 20U);
}

TEST_F(Failures, LinksThatAreNotAskedForAreSkippedNotFailed) {
  image("/a.png", 1);
  list(1, {"/a.png", "mailto:a@example.com", "javascript:void(0)", "ftp://127.0.0.1/x.png"});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 4, .saved = 1, .skipped = 3}));
}

TEST_F(Failures, TriesAgainAfterAnErrorThatPasses) {
  const std::string bytes = small_image(1);
  site_.respond(
      "/a.png",
      {{.status = 500}, {.body = bytes, .cut_after = 50, .ending = Response::Ending::close}, {.body = bytes}});
  list(1, {"/a.png"});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(site_.count("/a.png"), 3U);
  EXPECT_EQ(folder_.images(), (std::map<std::string, std::string>{{"a.png", sha256(bytes)}}));
}

TEST_F(Failures, PageThatFails) {
  make_meme_site(site_, {.pages = 3, .images_per_page = 5});
  site_.respond("/list/1", Response{.status = 404});
  site_.respond("/list/2", Response{.status = 500});
  const Ended ended = crawl("1-3", {"--retries", "1"});
  EXPECT_EQ(ended.status, 3) << ended.err;
  const ReportFile report = folder_.report();
  EXPECT_TRUE(report.balances());
  EXPECT_EQ(report.pages.failed, 2U);
  EXPECT_EQ(report.pages.done, 1U);
  EXPECT_EQ(report.images.saved, 5U);
  EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{site_.url("/list/1"), "http-404"},
                                                                  {site_.url("/list/2"), "http-500"}}));
  EXPECT_EQ(site_.count("/list/1"), 1U);
  EXPECT_EQ(site_.count("/list/2"), 2U);
}

TEST_F(Failures, PageThatIsCutOff) {
  const MemeSite memes = make_meme_site(site_, {.pages = 1, .images_per_page = 20});
  std::vector<std::string> urls;
  for (int i = 1; i <= 20; ++i) urls.push_back("/img/" + std::to_string(i) + ".png");
  const Headers html = {{"Content-Type", "text/html"}};
  site_.respond("/list/1",
                {{.headers = html, .body = list_page(urls), .cut_after = 600, .ending = Response::Ending::close},
                 {.headers = html, .body = list_page(urls)}});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 20, .saved = 20}))
      << "hits of both attempts count once";
  EXPECT_EQ(folder_.images(), memes.images);
}

TEST_F(Failures, NoPageHasAnImage) {
  site_.page("/list/1", "<p>nothing here");
  site_.page("/list/2", "");
  const Ended ended = crawl("1-2");
  EXPECT_EQ(ended.status, 4) << ended.err;
  const ReportFile report = folder_.report();
  EXPECT_EQ(report.outcome, "no-images");
  EXPECT_EQ(report.pages.empty, 2U);
  EXPECT_TRUE(report.balances());
}

TEST_F(Failures, ServerThatIsNotThere) {
  site_.go_down();
  const auto before = steady_clock::now();
  const Ended ended = crawl("1-10", {"--retries", "1"});
  EXPECT_EQ(ended.status, 3) << ended.err;
  EXPECT_LT(steady_clock::now() - before, seconds(15) * kPatience);
  const ReportFile report = folder_.report();
  EXPECT_EQ(report.pages.failed, 10U);
  EXPECT_EQ(report.failures, (std::map<std::string, std::uint64_t>{{"connection-refused", 10}}));
  EXPECT_NE((ended.out + ended.err).find("connection-refused"), std::string::npos) << "the user is told why";
}

TEST_F(Failures, ImagesOnAServerThatIsNotThereAllFailSoon) {
  TestSite elsewhere;
  elsewhere.go_down();
  std::vector<std::string> urls;
  for (int i = 0; i < 2000; ++i) urls.push_back(elsewhere.url("/" + std::to_string(i) + ".png"));
  image("/a.png", 1);
  urls.push_back("/a.png");
  list(1, urls);
  const auto before = steady_clock::now();
  EXPECT_EQ(crawl("1", {"--allow-private", "--retry-wait", "0.5"}).status, 3);
  EXPECT_LT(steady_clock::now() - before, seconds(30) * kPatience);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 2001, .saved = 1, .failed = 2000}));
  EXPECT_EQ(folder_.report().failures, (std::map<std::string, std::uint64_t>{{"connection-refused", 2000}}));
}

TEST_F(Failures, ServerThatGoesAndComesBack) {
  const MemeSite memes = make_meme_site(site_, {.pages = 2, .images_per_page = 40});
  site_.delay_all(milliseconds(20));
  const auto run = start("1-2", {"--downloaders", "4", "--retries", "1"});
  ASSERT_TRUE(site_.wait_for_under("/img/", 30));
  site_.go_down();
  EXPECT_FALSE(eventually([&] { return !run->running(); }, milliseconds(1000)));
  site_.come_back();
  EXPECT_EQ(run->wait().status, 0) << "an outage costs no attempts";
  EXPECT_EQ(folder_.images(), memes.images);
}

TEST_F(Failures, ServerThatGoesForGood) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 40});
  site_.delay_all(milliseconds(20));
  const auto run = start("1", {"--downloaders", "4", "--retries", "1", "--outage-wait", "1"});
  ASSERT_TRUE(site_.wait_for_under("/img/", 20));
  site_.go_down();
  EXPECT_EQ(run->wait().status, 3);
  const ReportFile report = folder_.report();
  EXPECT_TRUE(report.balances());
  EXPECT_EQ(report.images.pending, 0U);
  EXPECT_GT(report.images.failed, 0U);
}

}  // namespace
}  // namespace doutu

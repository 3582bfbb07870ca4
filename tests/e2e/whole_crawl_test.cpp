// Crawls that nothing disturbs: everything that the pages name is in the folder, and the job says so.

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class WholeCrawl : public CrawlTest {
 protected:
  /// Of page 1, whose images want what browsers send.
  Ended crawl_elements() const { return crawl("1", {"--xpath", "//img"}); }
};

TEST_F(WholeCrawl, SavesEveryImageAndSaysSo) {
  const MemeSite memes = make_meme_site(site_, {.pages = 5, .images_per_page = 40});
  const Ended ended = crawl("1-5");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images(), memes.images);
  const ReportFile report = folder_.report();
  EXPECT_EQ(report.outcome, "complete");
  EXPECT_TRUE(report.balances());
  EXPECT_EQ(report.pages.asked, 5U);
  EXPECT_EQ(report.pages.done, 5U);
  EXPECT_EQ(report.images, (ReportFile::Images{.found = 200, .saved = 200}));
  EXPECT_TRUE(folder_.failures().empty());
  EXPECT_EQ(site_.count_under("/"), 205U) << "something was asked for twice, or was not to be asked for";
}

TEST_F(WholeCrawl, CrawlsOnePageWithoutPageNumber) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  const Ended ended = run_doutu({"crawl", site_.url("/list/1"), "--pages", "1", "--xpath", std::string(kMemeXpath),
                                 "--directory", folder_.path(), "--progress", "none"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), 3U);
}

TEST_F(WholeCrawl, TakesSeveralXpathsTogether) {
  image("/a.png", 1);
  image("/b.png", 2);
  site_.page("/list/1", "<img src=/a.png><a href=/b.png>b</a><a href=/c.html>c</a>");
  const Ended ended =
      run_doutu({"crawl", site_.url("/list/{page}"), "--pages", "1", "--xpath", "//img", "--xpath",
                 "//a[contains(@href, '.png')]/@href", "--directory", folder_.path(), "--progress", "none"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), 2U);
}

TEST_F(WholeCrawl, SendsThePageAsReferer) {
  image("/a.png", 1);
  site_.page("/list/1", "<img src=/a.png>");
  EXPECT_EQ(crawl_elements().status, 0);
  ASSERT_EQ(site_.log().size(), 2U);
  EXPECT_EQ(site_.log()[1].path, "/a.png");
  EXPECT_EQ(site_.log()[1].header("referer"), site_.url("/list/1"));
}

TEST_F(WholeCrawl, TellsAnotherServerOnlyThePagesServer) {
  TestSite other;
  other.file("/a.png", small_image(1));
  image("/b.png", 2);
  site_.respond("/c.png", Response{.status = 302, .headers = {{"Location", other.url("/c.png")}}});
  other.file("/c.png", small_image(3));
  site_.page("/list/1", "<img src=" + other.url("/a.png") + "><img src=/b.png><img src=/c.png>");
  EXPECT_EQ(crawl_elements().status, 0);
  for (const Hit& hit : other.log()) EXPECT_EQ(hit.header("referer"), site_.url("/")) << hit.path;
  EXPECT_EQ(other.log().size(), 2U);
  for (const Hit& hit : site_.log()) {
    EXPECT_EQ(hit.header("referer"), hit.path == "/list/1" ? "" : site_.url("/list/1")) << hit.path;
  }
}

TEST_F(WholeCrawl, FetchesAnImageOnceHoweverOftenItIsNamed) {
  image("/a.png", 1);
  image("/b.png", 2);
  list(1, {"/a.png", "a/../../a.png", " /a.png "});
  list(2, {"/b.png", site_.url("/a.png"), "/a.png#again"});
  EXPECT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 6, .repeated = 4, .saved = 2}));
  EXPECT_EQ(site_.count("/a.png"), 1U);
}

TEST_F(WholeCrawl, NamesOtherContentUnderATakenNameByItsPageAndPosition) {
  const std::vector<std::string> contents = {image("/a/x.png", 1), image("/b/x.png", 2), image("/c/x.png", 3)};
  list(7, {"/a/x.png", "/b/x.png", "/c/x.png"});
  EXPECT_EQ(crawl("7").status, 0);
  auto images = folder_.images();
  ASSERT_EQ(images.size(), 3U);
  const std::string first = images.at("x.png");  // Whichever came first.
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::string name = "x-p7-" + std::to_string(i + 1) + ".png";
    EXPECT_EQ(images[name], contents[i] == first ? "" : contents[i]) << name;
  }
}

TEST_F(WholeCrawl, KeepsFilesThatWereThereBefore) {
  fs::create_directories(folder_.path());
  write_file(folder_.path() + "/x.png", "the user's own");
  const std::string hash = image("/x.png", 1);
  list(1, {"/x.png"});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.images(),
            (std::map<std::string, std::string>{{"x.png", sha256("the user's own")}, {"x-p1-1.png", hash}}));
}

TEST_F(WholeCrawl, GoesIntoAFolderWithALongPath) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  for (const std::size_t length : {484U, 512U, 1000U}) {
    std::string deep = temporary_ / "deep";
    while (deep.size() + 52 < length) deep += "/" + std::string(50, 'p');
    deep += "/" + std::string(length - deep.size() - 1, 'q');
    auto arguments = command("1");
    *std::ranges::find(arguments, folder_.path()) = deep;
    const Ended ended = run_doutu(arguments);
    EXPECT_EQ(ended.status, 0) << length << ": " << ended.err;
    EXPECT_EQ(CrawlFolder(deep).images().size(), 3U);
    EXPECT_EQ(run_doutu({"status", deep}).status, 0);
  }
}

TEST_F(WholeCrawl, SavesTheImagesThatPagesCarryInThemselvesUnderTheirHash) {
  const std::string carried = small_image(1);
  const std::string hash = sha256(carried);
  image("/a.png", 2);
  list(1, {data_url(carried), "/a.png", "data:text/html,<p>", "data:image/png;base64,?"});
  list(2, {data_url(carried)});
  EXPECT_EQ(crawl("1-2").status, 3);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 5, .repeated = 1, .saved = 2, .failed = 2}));
  EXPECT_EQ(folder_.images(),
            (std::map<std::string, std::string>{{hash + ".png", hash}, {"a.png", image("/a.png", 2)}}));
  std::multiset<std::string> causes;
  for (const FailureLine& line : folder_.failures()) causes.insert(line.cause);
  EXPECT_EQ(causes, (std::multiset<std::string>{"bad-url", "html-not-image"}));

  EXPECT_EQ(crawl("1-2").status, 3);
  EXPECT_EQ(folder_.report().images.known, 2U) << "a second crawl has them already";
}

TEST_F(WholeCrawl, LinksTheSameContentFromAnotherUrl) {
  image("/one.png", 1);
  image("/two.png", 1);
  list(1, {"/one.png", "/two.png"});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 2, .saved = 1, .duplicate = 1}));
  EXPECT_EQ(folder_.images().size(), 2U);
  EXPECT_TRUE(fs::equivalent(folder_.path() + "/one.png", folder_.path() + "/two.png"));
}

TEST_F(WholeCrawl, HasTheSameContentUnderTheSameNameOnce) {
  image("/a/x.png", 1);
  image("/b/x.png", 1);
  list(1, {"/a/x.png", "/b/x.png"});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 2, .saved = 1, .duplicate = 1}));
  EXPECT_EQ(folder_.images().size(), 1U);
}

TEST_F(WholeCrawl, FollowsRedirectsAndNamesTheFileAfterTheLink) {
  const std::string hash = image("/real/1234", 1);
  site_.respond("/a.png", Response{.status = 302, .headers = {{"Location", "/real/1234"}}});
  list(1, {"/a.png"});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.images(), (std::map<std::string, std::string>{{"a.png", hash}}));
}

TEST_F(WholeCrawl, LosesNothingToAPageThatTakesLong) {
  const MemeSite memes = make_meme_site(site_, {.pages = 3, .images_per_page = 10});
  site_.hold("/list/2");
  const auto run = start("1-3");
  ASSERT_TRUE(site_.wait_for_under("/img/", 20));
  ASSERT_TRUE(site_.wait_for("/list/2"));
  // Long after everything else: no idle time ends the crawl.
  EXPECT_FALSE(eventually([&] { return !run->running(); }, milliseconds(1500)));
  site_.release("/list/2");
  EXPECT_EQ(run->wait().status, 0);
  EXPECT_EQ(folder_.images(), memes.images);
}

TEST_F(WholeCrawl, LosesNothingToAnImageThatTakesLong) {
  const MemeSite memes = make_meme_site(site_, {.pages = 1, .images_per_page = 5});
  site_.hold("/img/3.png");
  const auto run = start("1");
  ASSERT_TRUE(site_.wait_for_under("/img/", 5));
  EXPECT_FALSE(eventually([&] { return !run->running(); }, milliseconds(1500)));
  site_.release("/img/3.png");
  EXPECT_EQ(run->wait().status, 0);
  EXPECT_EQ(folder_.images(), memes.images);
}

TEST_F(WholeCrawl, EndsSoonAfterTheLastImage) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 50});
  auto shortest = milliseconds::max();
  for (int i = 0; i < 3; ++i) {  // the best of three, for the machine may be busy with something else
    const TemporaryFolder in_memory("/dev/shm");
    std::vector<std::string> arguments = command("1-2");
    arguments.insert(arguments.end(), {"--directory", in_memory / "out"});
    site_.forget_log();
    EXPECT_EQ(run_doutu(arguments).status, 0);
    const auto ended = std::chrono::steady_clock::now();
    for (const Hit& hit : site_.log()) ASSERT_TRUE(hit.answered.has_value()) << hit.path;
    const std::vector<Hit> log = site_.log();
    const auto last =
        std::max_element(log.begin(), log.end(), [](const Hit& a, const Hit& b) { return *a.answered < *b.answered; });
    shortest = std::min(shortest, std::chrono::duration_cast<milliseconds>(ended - *last->answered));
  }
  EXPECT_LT(shortest, milliseconds(200) * kPatience);
  RecordProperty("milliseconds_after_the_last_image", static_cast<int>(shortest.count()));
}

TEST_F(WholeCrawl, GoesOnWhenTheTerminalIsClosed) {
  const MemeSite memes = make_meme_site(site_, {.pages = 1, .images_per_page = 5});
  site_.hold("/list/1");
  const auto run = start("1");
  ASSERT_TRUE(site_.wait_for("/list/1"));
  run->signal(SIGHUP);
  site_.release("/list/1");
  EXPECT_EQ(run->wait().status, 0);
  EXPECT_EQ(folder_.images(), memes.images);
}

TEST_F(WholeCrawl, WritesNoLogIntoTheFolderWhereAStandardDescriptorIsClosed) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  site_.respond("/img/1.png", Response{.status = 404});  // so that there is a line to write
  for (const std::string closed : {"0<&-", "1>&-", "2>&-"}) {
    std::vector<std::string> arguments = {"-c", "exec \"$0\" \"$@\" " + closed, DOUTU_PROGRAM};
    const std::vector<std::string> crawl = command("1", {"-v"});
    arguments.insert(arguments.end(), crawl.begin(), crawl.end());
    CrawlRun run(arguments, "", {}, "/bin/sh");
    EXPECT_EQ(run.wait().status, 3) << closed;
    EXPECT_EQ(read_file(folder_.state("lock")), "") << closed;
    EXPECT_EQ(folder_.report().outcome, "failures") << closed;
  }
}

TEST_F(WholeCrawl, NeverHasMoreFetchersThanPages) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 1});
  site_.hold("/list/1");
  site_.hold("/list/2");
  const auto run = start("1-2", {"--fetchers", "8"});
  ASSERT_TRUE(site_.wait_for_under("/list/", 2));
  EXPECT_EQ(run->children("doutu-fetcher").size(), 2U);
  site_.release("/list/1");
  site_.release("/list/2");
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(WholeCrawl, StartsNoFetcherWhileThereAreImagesEnough) {
  make_meme_site(site_, {.pages = 40, .images_per_page = 20});
  site_.hold("/img/1.png");
  const auto run = start("1-40", {"--fetchers", "16", "--downloaders", "1"});
  ASSERT_TRUE(site_.wait_for_under("/list/", 40)) << run->err();
  EXPECT_LT(run->children("doutu-fetcher").size(), 8U) << "the first page has all that is asked for";
  site_.release("/img/1.png");
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(WholeCrawl, GoesOnAfterMorePagesThanMayWaitForTheLedgerHaveFailed) {
  site_.hold("/list/1");
  const auto run = start("1-60", {"--fetchers", "1"});
  ASSERT_TRUE(site_.wait_for("/list/1")) << run->err();
  const pid_t downloader = run->child("doutu-downloader");
  kill(downloader, SIGSTOP);
  site_.release("/list/1");
  EXPECT_TRUE(site_.wait_for_under("/list/", 16)) << "all that may wait";
  kill(downloader, SIGCONT);
  EXPECT_EQ(run->wait().status, 3);
  EXPECT_EQ(folder_.report().pages.failed, 60U);
}

TEST_F(WholeCrawl, ASecondFetcherWorksWhileTheFirstDoesNot) {
  make_meme_site(site_, {.pages = 5, .images_per_page = 1});
  const auto run = start("1-5", {"--fetchers", "2"});
  const auto has_log = [this] { return std::filesystem::exists(folder_.state("crawl.log")); };
  ASSERT_TRUE(eventually(has_log)) << "the first fetcher has checked the XPath";
  const pid_t first = run->child("doutu-fetcher");
  kill(first, SIGSTOP);
  EXPECT_TRUE(site_.wait_for_under("/list/", 4)) << "long before the heartbeat is missed";
  kill(first, SIGCONT);
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(WholeCrawl, StartsAllFetchersWhilePagesAreWaitedFor) {
  make_meme_site(site_, {.pages = 6, .images_per_page = 1});
  for (int page = 1; page <= 6; ++page) site_.hold("/list/" + std::to_string(page));
  const auto run = start("1-6", {"--fetchers", "4"});
  ASSERT_TRUE(site_.wait_for_under("/list/", 4)) << run->err();
  EXPECT_EQ(run->children("doutu-fetcher").size(), 4U);
  for (int page = 1; page <= 6; ++page) site_.release("/list/" + std::to_string(page));
  EXPECT_EQ(run->wait().status, 0);
}

}  // namespace
}  // namespace doutu

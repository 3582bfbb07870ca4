// One crawl after another in the same folder: what is there is not fetched again.

#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

class Continue : public CrawlTest {
 protected:
  /// A crawl of three pages of forty that is stopped with the pages done and some of the images there.
  Ended stopped_half_way() {
    memes_ = make_meme_site(site_, {.pages = 3, .images_per_page = 40});
    site_.delay_all(std::chrono::milliseconds(50));
    const auto run = start("1-3", {"--downloaders", "4"});
    EXPECT_TRUE(site_.wait_for_under("/list/", 3));
    EXPECT_TRUE(site_.wait_for_under("/img/", 45));
    run->signal(SIGINT);
    return run->wait();
  }

  MemeSite memes_;
};

TEST_F(Continue, ASecondCrawlFetchesPagesAgainAndNoImage) {
  const MemeSite memes = make_meme_site(site_, {.pages = 2, .images_per_page = 10});
  ASSERT_EQ(crawl("1-2").status, 0);
  site_.forget_log();
  EXPECT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(site_.count_under("/list/"), 2U);
  EXPECT_EQ(site_.count_under("/img/"), 0U);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 20, .known = 20}));
  EXPECT_EQ(folder_.images(), memes.images);
}

TEST_F(Continue, ASecondCrawlFindsWhatIsNew) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 10});
  ASSERT_EQ(crawl("1-2").status, 0);
  image("/img/new.png", 1000);
  list(1, {"/img/new.png", "/img/1.png"});
  EXPECT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 12, .known = 11, .saved = 1}));
  EXPECT_EQ(folder_.images().size(), 21U);
}

TEST_F(Continue, ASecondCrawlTriesAgainWhatFailed) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 2});
  site_.respond("/img/2.png", {{.status = 404}, {.body = small_image(2)}});
  ASSERT_EQ(crawl("1").status, 3);
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 2, .known = 1, .saved = 1}));
  EXPECT_TRUE(folder_.failures().empty());
}

TEST_F(Continue, OtherPagesInTheSameFolderBeginANewJob) {
  const MemeSite memes = make_meme_site(site_, {.pages = 3, .images_per_page = 10});
  ASSERT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(crawl("2-3").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 20, .known = 10, .saved = 10}));
  EXPECT_EQ(folder_.images(), memes.images);
  EXPECT_EQ(site_.count_under("/img/"), 30U);
}

TEST_F(Continue, OtherPagesBegunBeforeTheFirstAreDoneLoseNothing) {
  stopped_half_way();
  site_.delay_all(std::chrono::milliseconds(0));
  EXPECT_EQ(crawl("3").status, 0);
  EXPECT_EQ(crawl("1-3").status, 0);
  EXPECT_EQ(folder_.images(), memes_.images);
  EXPECT_EQ(site_.count_under("/img/"), 120U);
}

TEST_F(Continue, FinishesWhatIsInHandWhenStoppedAndGoesOnFromThere) {
  const Ended stopped = stopped_half_way();
  EXPECT_EQ(stopped.status, 130) << stopped.err;
  const ReportFile half = folder_.report();
  EXPECT_EQ(half.outcome, "interrupted");
  EXPECT_TRUE(half.balances());
  EXPECT_EQ(half.images.found, 120U);
  EXPECT_GE(half.images.saved, 40U);
  EXPECT_GT(half.images.pending, 0U);
  EXPECT_EQ(half.pages.done, 3U);
  EXPECT_EQ(folder_.images().size(), half.images.saved);
  EXPECT_EQ(site_.count_under("/img/"), half.images.saved) << "finished, but not recorded";

  site_.delay_all(std::chrono::milliseconds(0));
  EXPECT_EQ(crawl("1-3").status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 120, .saved = 120}));
  EXPECT_EQ(folder_.images(), memes_.images);
  EXPECT_EQ(site_.count_under("/list/"), 3U) << "a page that was done was fetched again";
  EXPECT_EQ(site_.count_under("/img/"), 120U) << "an image was fetched again";
}

TEST_F(Continue, KnowsWhatAFolderWasAskedFor) {
  ASSERT_EQ(stopped_half_way().status, 130);
  site_.delay_all(std::chrono::milliseconds(0));
  const Ended ended = run_doutu({"crawl", "--directory", folder_.path(), "--progress", "none"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images(), memes_.images);
  EXPECT_EQ(site_.count_under("/list/"), 3U);
  EXPECT_EQ(site_.count_under("/img/"), 120U);
}

TEST_F(Continue, FetchesThePagesThatWereNotDone) {
  const MemeSite memes = make_meme_site(site_, {.pages = 4, .images_per_page = 10});
  site_.hold("/list/3");
  const auto run = start("1-4", {"--fetchers", "2"});
  ASSERT_TRUE(site_.wait_for_under("/img/", 30));
  ASSERT_TRUE(site_.wait_for("/list/3"));
  // A page's images may all be asked for before its end is recorded.
  const auto says = [this](const char* text) { return read_file(folder_.state("status.json")).find(text); };
  ASSERT_TRUE(eventually([&] { return says(R"("done":3)") != std::string::npos; }));
  run->signal(SIGINT);
  EXPECT_EQ(run->wait().status, 130);
  EXPECT_EQ(folder_.report().pages.pending, 1U);
  site_.release("/list/3");
  site_.forget_log();
  EXPECT_EQ(crawl("1-4").status, 0);
  EXPECT_EQ(site_.count_under("/list/"), 1U);
  EXPECT_EQ(site_.count("/list/3"), 1U);
  EXPECT_EQ(folder_.images(), memes.images);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 40, .saved = 40}));
}

TEST_F(Continue, GoesOnAfterAKilledParent) {
  memes_ = make_meme_site(site_, {.pages = 3, .images_per_page = 40});
  site_.delay_all(std::chrono::milliseconds(50));
  const auto run = start("1-3", {"--downloaders", "4"});
  EXPECT_TRUE(site_.wait_for_under("/img/", 45));
  run->signal(SIGKILL);
  EXPECT_EQ(run->wait().status, 128 + SIGKILL);
  site_.delay_all(std::chrono::milliseconds(0));
  EXPECT_EQ(crawl("1-3").status, 0) << "at once, while the orphaned downloader finishes";
  EXPECT_EQ(folder_.images(), memes_.images);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 120, .saved = 120}));
  EXPECT_EQ(site_.count_under("/img/"), 120U) << "the orphan finishes what it has in hand";
}

TEST_F(Continue, SaysThatItWaitsForAnOrphanedDownloader) {
  memes_ = make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  site_.hold("/img/2.png");
  const auto killed = start("1");
  ASSERT_TRUE(site_.wait_for("/img/2.png"));
  killed->signal(SIGKILL);
  killed->wait();
  const auto run = start("1");
  ASSERT_TRUE(eventually([&] {
    return run->err().find("waiting for the downloader of a killed crawl") != std::string::npos;
  })) << run->err();
  EXPECT_FALSE(std::filesystem::exists(folder_.state("status.json"))) << "it would speak of the one that was killed";
  site_.release("/img/2.png");
  EXPECT_EQ(run->wait().status, 0);
  EXPECT_EQ(folder_.images(), memes_.images);
}

TEST_F(Continue, StartsNoFetcherWhenNoPageIsLeft) {
  image("/1.png", 1);
  list(1, {"/1.png"});
  site_.hold("/1.png");
  const auto run = start("1");
  const auto has_page = [this] {
    return read_file(folder_.state("status.json")).find("\"done\":1") != std::string::npos;
  };
  EXPECT_TRUE(eventually(has_page));
  run->signal(SIGINT);
  EXPECT_TRUE(eventually([&] { return run->err().find("stopping") != std::string::npos; }));
  run->signal(SIGINT);
  EXPECT_EQ(run->wait().status, 130);
  const std::size_t asked = site_.count("/1.png");

  const auto next = start("1");
  EXPECT_TRUE(eventually([&] { return site_.count("/1.png") > asked; }));
  EXPECT_TRUE(next->children("doutu-fetcher").empty());
  site_.release("/1.png");
  EXPECT_EQ(next->wait().status, 0);
  EXPECT_EQ(site_.count("/list/1"), 1U);
}

}  // namespace
}  // namespace doutu

// Crawls that are told to end.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

class Stop : public CrawlTest {
 protected:
  /// A crawl with one image in hand that the site never finishes.
  std::unique_ptr<CrawlRun> with_an_image_in_hand(const std::vector<std::string>& more = {}) {
    make_meme_site(site_, {.pages = 1, .images_per_page = 3});
    site_.hold("/img/2.png");
    auto run = start("1", more);
    EXPECT_TRUE(site_.wait_for("/img/2.png"));
    EXPECT_TRUE(site_.wait_for_under("/img/", 3));
    return run;
  }
};

TEST_F(Stop, EndsWith143AfterSigterm) {
  const auto run = with_an_image_in_hand();
  run->signal(SIGTERM);
  ASSERT_TRUE(eventually([&] { return run->children("doutu-fetcher").empty(); }));
  site_.release("/img/2.png");
  EXPECT_EQ(run->wait().status, 143);
  EXPECT_EQ(folder_.report().outcome, "interrupted");
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 3, .saved = 3}));
}

TEST_F(Stop, ASecondSignalEndsAtOnce) {
  const auto run = with_an_image_in_hand();
  const auto before = steady_clock::now();
  run->signal(SIGINT);
  run->signal(SIGTERM);
  const int status = run->wait().status;
  EXPECT_TRUE(status == 130 || status == 143) << status;
  EXPECT_LT(steady_clock::now() - before, seconds(3) * kPatience) << "less than what is in hand may take (10 s)";
  site_.release("/img/2.png");
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.images().size(), 3U);
}

TEST_F(Stop, DoesNotWaitForEverForWhatIsInHand) {
  const auto run = with_an_image_in_hand();
  const auto before = steady_clock::now();
  run->signal(SIGINT);
  EXPECT_EQ(run->wait().status, 130);
  EXPECT_LT(steady_clock::now() - before, seconds(14) * kPatience);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 3, .saved = 2, .pending = 1}));
}

TEST_F(Stop, BeforeThereIsAPage) {
  site_.hold("/list/1");
  const auto run = start("1");
  ASSERT_TRUE(site_.wait_for("/list/1"));
  run->signal(SIGINT);
  EXPECT_EQ(run->wait().status, 130);
  EXPECT_EQ(folder_.report().pages.pending, 1U);
}

TEST_F(Stop, WhenItHasSavedEnough) {
  make_meme_site(site_, {.pages = 3, .images_per_page = 20});
  const Ended enough = crawl("1-3", {"--max-bytes", "5K", "--downloaders", "2"});
  EXPECT_EQ(enough.status, 9) << enough.err;
  EXPECT_NE(enough.err.find("--max-bytes is reached: "), std::string::npos) << enough.err;
  const ReportFile report = folder_.report();
  EXPECT_EQ(report.outcome, "stopped-early");
  EXPECT_TRUE(report.balances());
  EXPECT_GE(report.bytes, 5U << 10U);
  EXPECT_LT(report.images.saved, 60U);
  EXPECT_EQ(report.images.failed, 0U);

  const std::size_t requests = site_.log().size();
  EXPECT_EQ(crawl("1-3", {"--max-bytes", "5K"}).status, 9) << "the limit is the crawl's, however often it is started";
  EXPECT_EQ(folder_.report().images.saved, report.images.saved);
  EXPECT_LE(site_.log().size() - requests, 3U) << "pages that were not done, at most";

  EXPECT_EQ(crawl("1-3").status, 0);
  EXPECT_EQ(folder_.report().images.saved, 60U);
}

TEST_F(Stop, WhenItHasSavedEnoughImages) {
  make_meme_site(site_, {.pages = 3, .images_per_page = 20});
  const Ended enough = crawl("1-3", {"--max-images", "7", "--downloaders", "2"});
  EXPECT_EQ(enough.status, 9) << enough.err;
  EXPECT_NE(enough.err.find("--max-images is reached: "), std::string::npos) << enough.err;
  EXPECT_TRUE(folder_.report().balances());
  EXPECT_GE(folder_.report().images.saved, 7U);
  EXPECT_LT(folder_.report().images.saved, 60U);

  EXPECT_EQ(crawl("1-3", {"--max-images", "60"}).status, 0) << "with the last image the crawl is complete";
  EXPECT_EQ(folder_.report().images.saved, 60U);
}

TEST_F(Stop, GivesTheLastImagesOtherNamesWhereTheirsAreTaken) {
  image("/1.png", 1);
  image("/2.png", 2);
  list(1, {"/1.png", "/2.png"});
  std::filesystem::create_directory(folder_.path());
  std::ofstream(std::filesystem::path(folder_.path()) / "1.png") << "the user's";
  // Without the gap both might come before the first is counted.
  EXPECT_EQ(crawl("1", {"--max-images", "1", "--wait", "60"}).status, 9);
  EXPECT_TRUE(folder_.images().contains("1-p1-1.png"));
}

TEST_F(Stop, GoesOnHoweverOftenTheDownloaderIsKilledBeforeItsFirstJob) {
  make_meme_site(site_, {.pages = 4, .images_per_page = 1});
  for (int page = 1; page <= 4; ++page) site_.hold("/list/" + std::to_string(page));
  const auto run = start("1-4", {"--fetchers", "2"});
  ASSERT_TRUE(site_.wait_for_under("/list/", 2)) << run->err();
  std::set<pid_t> killed;
  for (int i = 0; i < 4; ++i) {
    const auto is_new = [&] {
      const std::vector<pid_t> found = run->children("doutu-downloader");
      return !found.empty() && killed.insert(found.front()).second && kill(found.front(), SIGKILL) == 0;
    };
    ASSERT_TRUE(eventually(is_new)) << run->err();
  }
  for (int page = 1; page <= 4; ++page) site_.release("/list/" + std::to_string(page));
  EXPECT_EQ(run->wait().status, 0);
  EXPECT_EQ(folder_.report().images.saved, 4U);
}

TEST_F(Stop, AKilledParentLeavesNoProcess) {
  const auto run = with_an_image_in_hand();
  EXPECT_FALSE(run->children("doutu-downloader").empty());
  run->signal(SIGKILL);
  run->wait();
  EXPECT_TRUE(eventually(
      [] {
        const auto strays = children_of(getpid());
        return std::none_of(strays.begin(), strays.end(),
                            [](const auto& stray) { return stray.program == "doutu-fetcher"; });
      },
      seconds(2) * kPatience))
      << "fetchers end at once";
  site_.release("/img/2.png");
  EXPECT_TRUE(strays_after(seconds(12) * kPatience).empty());
  EXPECT_EQ(crawl("1").status, 0);
}

TEST_F(Stop, ACrawlThatHoldsTheFolderKeepsOthersOut) {
  const auto run = with_an_image_in_hand();
  const auto before = steady_clock::now();
  const Ended second = crawl("1");
  EXPECT_EQ(second.status, 75);
  EXPECT_NE(second.err.find(folder_.path()), std::string::npos) << second.err;
  EXPECT_LT(steady_clock::now() - before, seconds(5) * kPatience);
  site_.release("/img/2.png");
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(Stop, CtrlZStopsAllProcessesAndFgResumesThem) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 3});
  site_.hold("/list/2");
  const auto run = start("1-2", {"--heartbeat", "1"});
  ASSERT_TRUE(site_.wait_for("/list/2"));
  const std::vector<pid_t> fetchers = run->children("doutu-fetcher");
  ASSERT_FALSE(fetchers.empty());
  run->signal(SIGTSTP);
  const auto all_in_state_t = [&] {
    const auto children = children_of(run->pid());
    return std::all_of(children.begin(), children.end(), [](const auto& child) { return child.state == 'T'; });
  };
  ASSERT_TRUE(eventually(all_in_state_t));
  EXPECT_FALSE(eventually([&] { return !all_in_state_t(); }, std::chrono::milliseconds(2500)));
  run->signal(SIGCONT);
  site_.release("/list/2");
  ASSERT_TRUE(eventually([&] { return children_of(run->pid()).empty() || !all_in_state_t(); }));
  for (const pid_t fetcher : run->children("doutu-fetcher")) {
    EXPECT_EQ(std::count(fetchers.begin(), fetchers.end(), fetcher), 1) << "one was asleep with its parent, not hung";
  }
  EXPECT_EQ(run->wait().status, 0);
  EXPECT_EQ(folder_.images().size(), 6U);
}

TEST_F(Stop, GoesOnHoweverOftenIdleFetchersAreKilled) {
  for (const char* page : {"/list/1", "/list/2"}) {
    site_.respond(page, Response{.status = 429, .headers = {{"Retry-After", "60"}}});
  }
  const auto run = start("1-2", {"--fetchers", "2"});
  ASSERT_TRUE(site_.wait_for("/list/1"));
  std::set<pid_t> killed;
  const auto new_fetchers = [&] {
    std::vector<pid_t> fetchers = run->children("doutu-fetcher");
    std::erase_if(fetchers, [&](pid_t pid) { return killed.contains(pid); });
    return fetchers;
  };
  while (killed.size() < 30) {
    ASSERT_TRUE(eventually([&] { return !new_fetchers().empty(); })) << run->err();
    for (const pid_t pid : new_fetchers()) {
      killed.insert(pid);
      kill(pid, SIGKILL);
    }
  }
  EXPECT_TRUE(eventually([&] { return !new_fetchers().empty(); })) << run->err();
  run->signal(SIGINT);
  EXPECT_EQ(run->wait().status, 130);
}

TEST_F(Stop, GoesOnWithOneFetcherWhenThereIsNoRoomForAnother) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "UndefinedBehaviorSanitizer wants descriptors of its own and takes their want for a bad pointer";
#endif
  make_meme_site(site_, {.pages = 4, .images_per_page = 1});
  for (int page = 1; page <= 4; ++page) site_.hold("/list/" + std::to_string(page));
  const auto run = start("1-4", {"--fetchers", "2"});
  ASSERT_TRUE(site_.wait_for_under("/list/", 2)) << run->err();

  rlimit before{};
  ASSERT_EQ(prlimit(run->pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit no_more{.rlim_cur = 3, .rlim_max = before.rlim_max};
  ASSERT_EQ(prlimit(run->pid(), RLIMIT_NOFILE, &no_more, nullptr), 0);
  kill(run->child("doutu-fetcher"), SIGKILL);
  const auto is_told = [&] { return run->err().find("continuing with fewer fetchers") != std::string::npos; };
  EXPECT_TRUE(eventually(is_told)) << run->err();
  ASSERT_EQ(prlimit(run->pid(), RLIMIT_NOFILE, &before, nullptr), 0);

  for (int page = 1; page <= 4; ++page) site_.release("/list/" + std::to_string(page));
  EXPECT_EQ(run->wait().status, 0) << run->err();
  EXPECT_EQ(folder_.report().images.saved, 4U);
}

}  // namespace
}  // namespace doutu

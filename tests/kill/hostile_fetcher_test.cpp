// A fetcher that crashes, writes rubbish into its lane or lies harms only its own pages.

#include "tests/kill/hostile_fetcher.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "shared/process/child_process.h"
#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/meme_site.h"
#include "tests/site/test_site.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

class HostileFetcherTest : public testing::Test {
 protected:
  HostileFetcherTest() {
    fs::create_directory(programs_);
    const fs::path real = DOUTU_PROGRAM_FOLDER;
    fs::copy(real / "doutu", programs_ / "doutu");
    fs::copy(real / "doutu-downloader", programs_ / "doutu-downloader");
    fs::copy(companion_program("hostile-fetcher"), programs_ / "doutu-fetcher");
    for (std::uint64_t page = 0; page < 100; ++page) {
      site_.file("/" + std::to_string(page) + ".png", small_image(page));
    }
  }

  Ended crawl(const std::string& pages) {
    CrawlRun run(
        {"crawl", site_.url("/{page}"), "--pages", pages, "--xpath", "//img", "--directory", folder_.path(),
         "--progress", "none", "--fetchers", "2", "--retries", "2", "--retry-wait", "0.05", "--page-timeout", "0.05"},
        "", {}, programs_ / "doutu");
    return run.wait();
  }

  static std::string page_of(Deed deed, std::uint64_t round = 0) {
    return std::to_string(static_cast<std::uint64_t>(deed) + round * kDeeds);
  }

  /// The page with the deed fails for this cause; the good pages around it are all there.
  void expect_harm_only_to_itself(Deed deed, const std::string& cause) {
    const std::string bad = page_of(deed);
    const Ended ended = crawl("8,16," + bad + ",24,32,40,48");
    EXPECT_EQ(ended.status, 3) << ended.err;
    EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{site_.url("/" + bad), cause}}));
    for (const char* good : {"8", "16", "24", "32", "40", "48"}) {
      EXPECT_TRUE(folder_.images().contains(std::string(good) + ".png")) << good;
    }
    EXPECT_EQ(folder_.leftovers(), std::vector<std::string>());
    EXPECT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  }

  TestSite site_;
  TemporaryFolder temporary_;
  const fs::path programs_ = temporary_.path() / "bin";
  CrawlFolder folder_{temporary_ / "out"};
};

TEST_F(HostileFetcherTest, CrashesThreeTimesOnAPageThatKillsIt) {
  expect_harm_only_to_itself(Deed::crash, "page-kills-fetcher");
}

TEST_F(HostileFetcherTest, WritesRubbishIntoItsLane) { expect_harm_only_to_itself(Deed::scribble, "bad-records"); }

TEST_F(HostileFetcherTest, DeliversAPageThatItWasNotGiven) {
  expect_harm_only_to_itself(Deed::foreign_page, "bad-records");
}

TEST_F(HostileFetcherTest, MiscountsItsHits) { expect_harm_only_to_itself(Deed::wrong_count, "bad-records"); }

TEST_F(HostileFetcherTest, TellsTheParentThatAllIsSettled) {
  expect_harm_only_to_itself(Deed::lie, "page-kills-fetcher");
}

TEST_F(HostileFetcherTest, WorksOnAPageForEver) { expect_harm_only_to_itself(Deed::never_end, "page-too-slow"); }

TEST_F(HostileFetcherTest, CannotTakeItsLaneAway) {
  const Ended ended = crawl("8," + page_of(Deed::truncate) + ",16");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), 3U);
}

TEST_F(HostileFetcherTest, MeetsManyPagesInARowThatKillIt) {
  std::string pages = "8";
  for (std::uint64_t round = 0; round < 6; ++round) pages += "," + page_of(Deed::crash, round);
  const Ended ended = crawl(pages + ",16");
  EXPECT_EQ(ended.status, 3) << ended.err;
  EXPECT_EQ(folder_.causes().size(), 6U);
  EXPECT_EQ(folder_.images().size(), 2U);
}

}  // namespace
}  // namespace doutu

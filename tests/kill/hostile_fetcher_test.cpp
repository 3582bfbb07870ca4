// A fetcher that crashes, writes rubbish into its lane or lies harms only its own pages.

#include "tests/kill/hostile_fetcher.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "shared/process/child_process.h"
#include "shared/sandbox/instrumented.h"
#include "shared/sandbox/kernel_support.h"
#include "shared/url/percent_encode.h"
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
    for (std::uint64_t page = 0; page < 10 * kDeeds; ++page) {
      site_.file("/" + std::to_string(page) + ".png", small_image(page));
    }
  }

  Ended crawl(const std::string& pages, const std::string& sandbox = "auto") {
    write_file(temporary_ / "cookies.txt",
               "127.0.0.1\tFALSE\t/\tFALSE\t0\tours\tcookie\nbank.test\tFALSE\t/\tFALSE\t0\ttheirs\tcookie\n");
    CrawlRun run({"crawl",
                  site_.url("/{page}"),
                  "--pages",
                  pages,
                  "--xpath",
                  "//img",
                  "--directory",
                  folder_.path(),
                  "--progress",
                  "none",
                  "--fetchers",
                  "2",
                  "--retries",
                  "2",
                  "--retry-wait",
                  "0.05",
                  "--page-timeout",
                  "0.05",
                  "--outage-wait",
                  "3",
                  "--cookies",
                  temporary_ / "cookies.txt",
                  "--cookies-domain",
                  "bank.test",
                  "--sandbox",
                  sandbox},
                 "", {}, programs_ / "doutu");
    return run.wait();
  }

  static std::string page_of(Deed deed, std::uint64_t round = 0) {
    return std::to_string(static_cast<std::uint64_t>(deed) + round * kDeeds);
  }

  /// The deed's page among six good ones.
  static std::string pages_around(Deed deed) {
    std::string pages = page_of(Deed::good, 1) + "," + page_of(Deed::good, 2) + "," + page_of(deed);
    for (std::uint64_t round = 3; round <= 6; ++round) pages += "," + page_of(Deed::good, round);
    return pages;
  }

  void expect_nothing_else_touched() {
    for (std::uint64_t round = 1; round <= 6; ++round) {
      const std::string good = page_of(Deed::good, round);
      EXPECT_TRUE(folder_.images().contains(good + ".png")) << good;
    }
    EXPECT_EQ(folder_.leftovers(), std::vector<std::string>());
    EXPECT_TRUE(folder_.report().balances());
    EXPECT_FALSE(fs::exists(folder_.path() + kIntruder));
    EXPECT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  }

  /// The page with the deed fails for this cause; the good pages around it are all there.
  void expect_harm_only_to_itself(Deed deed, const std::string& cause) {
    const Ended ended = crawl(pages_around(deed));
    EXPECT_EQ(ended.status, 3) << ended.err;
    EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{site_.url("/" + page_of(deed)), cause}}));
    expect_nothing_else_touched();
  }

  void expect_no_harm(Deed deed) {
    const Ended ended = crawl(pages_around(deed));
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_TRUE(folder_.images().contains(page_of(deed) + ".png"));
    expect_nothing_else_touched();
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

TEST_F(HostileFetcherTest, WithholdsAPageThatItSaysItIsDoneWith) {
  expect_harm_only_to_itself(Deed::withhold, "bad-records");
}

TEST_F(HostileFetcherTest, WithholdsTheEndOfAPage) { expect_harm_only_to_itself(Deed::withhold_end, "bad-records"); }

TEST_F(HostileFetcherTest, TalksWithoutEnd) { expect_harm_only_to_itself(Deed::chatter, "bad-records"); }

TEST_F(HostileFetcherTest, HoldsNoOthersUpWithAPageThatItClaimsToBeThrottled) {
  expect_harm_only_to_itself(Deed::scorn, "http-429");
}

TEST_F(HostileFetcherTest, GetsNoCookieButThoseOfItsPagesHost) {
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (hit.path.find('?') == std::string::npos) return std::nullopt;
    return Response{.headers = {{"Content-Type", "image/png"}}, .body = small_image(1)};
  });
  EXPECT_EQ(crawl(page_of(Deed::leak)).status, 0);
  std::string leaked;
  for (const Hit& hit : site_.log()) leaked += percent_decode(hit.path);
  EXPECT_NE(leaked.find("ours"), std::string::npos) << "or the test shows nothing";
  EXPECT_EQ(leaked.find("theirs"), std::string::npos);
}

TEST_F(HostileFetcherTest, SetsNoCookieForAnotherSite) {
  expect_harm_only_to_itself(Deed::foreign_cookie, "bad-records");
  EXPECT_EQ(read_file(folder_.state("cookies.txt")).find("planted"), std::string::npos);
}

TEST_F(HostileFetcherTest, AsksInVainForTheCookiesOfAnotherSite) {
  expect_harm_only_to_itself(Deed::ask_cookies, "page-kills-fetcher");
}

TEST_F(HostileFetcherTest, AsksForItsOwnCookiesForEver) {
  expect_harm_only_to_itself(Deed::ask_for_ever, "page-kills-fetcher");
}

TEST_F(HostileFetcherTest, CannotTakeItsLaneAway) { expect_no_harm(Deed::truncate); }

TEST_F(HostileFetcherTest, MeetsManyPagesInARowThatKillIt) {
  std::string pages = page_of(Deed::good, 1);
  for (std::uint64_t round = 0; round < 6; ++round) pages += "," + page_of(Deed::crash, round);
  const Ended ended = crawl(pages + "," + page_of(Deed::good, 2));
  EXPECT_EQ(ended.status, 3) << ended.err;
  EXPECT_EQ(folder_.causes().size(), 6U);
  EXPECT_EQ(folder_.images().size(), 2U);
}

// --- What its sandbox forbids.

class ConfinedHostileFetcherTest : public HostileFetcherTest {
 protected:
  void SetUp() override {
    if (kCounting) GTEST_SKIP() << "this build confines nobody";
    const auto missing = missing_protection(SandboxMode::require);
    if (missing) GTEST_SKIP() << *missing;
  }
};

TEST_F(ConfinedHostileFetcherTest, ReadsNoFiles) { expect_no_harm(Deed::read); }

TEST_F(ConfinedHostileFetcherTest, WritesNoFiles) { expect_no_harm(Deed::write); }

TEST_F(ConfinedHostileFetcherTest, ListensOnNoPort) { expect_no_harm(Deed::listen); }

TEST_F(ConfinedHostileFetcherTest, SignalsNeitherParentNorSiblings) { expect_no_harm(Deed::signal); }

TEST_F(ConfinedHostileFetcherTest, DiesOfStartingAShell) {
  expect_harm_only_to_itself(Deed::execute, "page-kills-fetcher");
  EXPECT_NE(read_file(folder_.state("crawl.log")).find("a system call that its sandbox forbids"), std::string::npos);
}

TEST_F(ConfinedHostileFetcherTest, DiesOfTracingItsParentAndItsSiblings) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer may";
  expect_harm_only_to_itself(Deed::trace, "page-kills-fetcher");
}

TEST_F(HostileFetcherTest, DoesHarmWithoutItsSandbox) {
  crawl(page_of(Deed::execute), "off");
  EXPECT_TRUE(fs::exists(folder_.path() + kIntruder)) << "the deed is none, and the tests above show nothing";
}

}  // namespace
}  // namespace doutu

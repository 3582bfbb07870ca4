// Children that are killed before they have been told anything: the first fetcher and the downloader are started before
// the folder is looked at.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

class KilledWhileStarting : public CrawlTest {
 protected:
  KilledWhileStarting() {
    fs::create_directory(programs_);
    for (const char* program : {"doutu", "doutu-downloader", "doutu-fetcher"}) {
      fs::copy(fs::path(DOUTU_PROGRAM_FOLDER) / program, programs_ / program);
    }
    image("/1.png", 1);
    list(1, {"/1.png"});
  }

  /// The first starts of the program end by SIGKILL, the next ones work.
  void kill_first(const std::string& program, int starts) {
    const fs::path real = fs::path(DOUTU_PROGRAM_FOLDER) / program;
    const std::string count = counter_of(program);
    fs::remove(programs_ / program);
    std::ofstream(programs_ / program) << fmt::format(
        "#!/bin/sh\necho >> '{0}'\n[ $(wc -l < '{0}') -gt {1} ] || kill -9 $$\nexec '{2}' \"$@\"\n", count, starts,
        real.string());
    fs::permissions(programs_ / program, fs::perms::owner_all);
  }

  /// Otherwise other programs were started than these, and nothing was killed.
  void expect_starts(const std::string& program, int starts) {
    const std::string counted = read_file(counter_of(program));
    EXPECT_GE(std::ranges::count(counted, '\n'), starts) << program;
  }
  std::string counter_of(const std::string& program) const { return temporary_ / (program + ".starts"); }

  Ended crawl() { return CrawlRun(command("1"), "", {}, programs_ / "doutu").wait(); }

  void expect_everything(const Ended& ended) {
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(folder_.images().size(), 1U);
    EXPECT_TRUE(folder_.report().balances());
  }

  const fs::path programs_ = temporary_ / "programs";
};

TEST_F(KilledWhileStarting, AnotherFetcherIsAskedAboutTheXpath) {
  kill_first("doutu-fetcher", 2);
  expect_everything(crawl());
  expect_starts("doutu-fetcher", 3);
}

TEST_F(KilledWhileStarting, TheCrawlEndsWithoutAFolderWhenEveryFetcherIsKilled) {
  kill_first("doutu-fetcher", 3);
  const Ended ended = crawl();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, testing::HasSubstr("cannot check the XPath: doutu-fetcher ended with signal 9"));
  EXPECT_FALSE(fs::exists(folder_.path()));
}

TEST_F(KilledWhileStarting, AnotherDownloaderTakesOver) {
  kill_first("doutu-downloader", 2);
  expect_everything(crawl());
  expect_starts("doutu-downloader", 3);
}

}  // namespace
}  // namespace doutu

// What the system lets a process have may be too little for a crawl: it says so before it starts anything, or works.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "shared/sandbox/instrumented.h"
#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class LowLimits : public CrawlTest {
 protected:
  void SetUp() override {
    list(1, {"/1.png"});
    image("/1.png", 1);
  }

  /// A crawl behind a shell's `ulimit WORDS`, of which the size of a file is in blocks of 512 bytes, others in KiB.
  [[nodiscard]] std::unique_ptr<CrawlRun> start_under(const std::string& ulimit,
                                                      const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"-c", "ulimit " + ulimit + " && exec \"$0\" \"$@\"", DOUTU_PROGRAM};
    for (const std::string& word : command("1", more)) arguments.push_back(word);
    return std::make_unique<CrawlRun>(arguments, "", std::map<std::string, std::string>(), "/bin/sh");
  }
  [[nodiscard]] Ended crawl_under(const std::string& ulimit, const std::vector<std::string>& more = {}) const {
    return start_under(ulimit, more)->wait();
  }

  void expect_not_started(const Ended& ended, const std::string& limit) {
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.err, HasSubstr(limit));
    EXPECT_THAT(ended.err, HasSubstr("raise it"));
    EXPECT_THAT(site_.log(), IsEmpty());
    EXPECT_FALSE(fs::exists(folder_.path()));
  }
  void expect_everything(const Ended& ended) {
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(folder_.images().size(), 1U);
  }
};

TEST_F(LowLimits, OfOpenFilesEndACrawlBeforeItBegins) {
  expect_not_started(crawl_under("-n 20"), "the limit of open files is 20 (ulimit -n), and this crawl needs ");
}

TEST_F(LowLimits, OfOpenFilesAreRaisedAsFarAsTheSystemAllows) {
  site_.hold("/1.png");
  const auto run = start_under("-S -n 20");
  ASSERT_TRUE(site_.wait_for("/1.png")) << run->err();
  rlimit of_downloader{};
  ASSERT_EQ(::prlimit(run->child("doutu-downloader"), RLIMIT_NOFILE, nullptr, &of_downloader), 0);
  EXPECT_GT(of_downloader.rlim_cur, 100U);
  site_.release("/1.png");
  expect_everything(run->wait());
}

TEST_F(LowLimits, OfOpenFilesAreEnoughForACrawlThatIsSmallEnough) {
  expect_everything(crawl_under("-n 55", {"--downloaders", "4", "--fetchers", "1", "--threads", "1"}));
}

TEST_F(LowLimits, OfTheSizeOfAFileEndACrawlBeforeItBegins) {
  expect_not_started(crawl_under("-f 2"), "the limit of a file's size is 1 KiB (ulimit -f)");
  expect_not_started(crawl_under("-f 65536"), "is 32 MiB (ulimit -f), and an image may have 64 MiB");
  expect_everything(crawl_under("-f 65536", {"--max-image-size", "32M"}));
}

TEST_F(LowLimits, OfMemoryEndACrawlBeforeItBegins) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer reserves more than any limit";
  expect_not_started(crawl_under("-v 200000"), "the limit of a process's memory is 195 MiB (ulimit -v)");
}

TEST_F(LowLimits, OfMemoryAreEnoughWhereTheyAreNotSaidToBeTooLow) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer reserves more than any limit";
  const Ended refused = crawl_under("-v 200000");
  const auto at = refused.err.find("needs ");
  ASSERT_NE(at, std::string::npos) << refused.err;
  const int least = std::stoi(refused.err.substr(at + 6));
  expect_everything(crawl_under("-v " + std::to_string(least * 1024)));
}

TEST_F(LowLimits, OfStacksEndACrawlBeforeItBegins) {
  expect_not_started(crawl_under("-s 512"), "the limit of a stack is 512 KiB (ulimit -s)");
  if (!kSanitized) expect_everything(crawl_under("-s 1024"));
}

TEST_F(LowLimits, OfCoresDoNotMatter) { expect_everything(crawl_under("-c 0")); }

/// Whom the limit holds: not root.
class LowLimitOfTasks : public LowLimits {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
    LowLimits::SetUp();
    fs::permissions(temporary_.path(), fs::perms::all);
  }
  [[nodiscard]] Ended crawl_with(int tasks) const {
    std::vector<std::string> arguments = {"--reuid=64735", "--clear-groups", "/usr/bin/prlimit",
                                          "--nproc=" + std::to_string(tasks), DOUTU_PROGRAM};
    for (const std::string& word : command("1")) arguments.push_back(word);
    return CrawlRun(arguments, "", {}, "/usr/bin/setpriv").wait();
  }
};

TEST_F(LowLimitOfTasks, EndsACrawlBeforeItBegins) {
  expect_not_started(crawl_with(5), "the limit of your processes and threads is 5 (ulimit -u); ");
  expect_everything(crawl_with(100));
}

/// A ledger that grows beyond the limit, as in a crawl of millions.
TEST_F(LowLimits, OfTheSizeOfAFileThatAreMetInTheMiddleAreNamed) {
  site_.hold("/1.png");
  const auto run = start("1");
  ASSERT_TRUE(site_.wait_for("/1.png")) << run->err();
  const pid_t downloader = run->child("doutu-downloader");
  rlimit before{};
  ASSERT_EQ(::prlimit(downloader, RLIMIT_FSIZE, nullptr, &before), 0);
  const rlimit low{1024, before.rlim_max};
  ASSERT_EQ(::prlimit(downloader, RLIMIT_FSIZE, &low, nullptr), 0);
  site_.release("/1.png");
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("File too large"));
  EXPECT_THAT(ended.err, HasSubstr("the limit of a file's size is 1 KiB (ulimit -f)"));
  EXPECT_EQ(run->err().find("signal"), std::string::npos) << ended.err;
  expect_everything(crawl("1"));
}

}  // namespace
}  // namespace doutu

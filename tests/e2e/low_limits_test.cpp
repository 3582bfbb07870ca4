// What the system lets a process have may be too little for a crawl: it says so before it starts anything, or works.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <thread>

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
    EXPECT_THAT(ended.err, HasSubstr("raise the limit"));
    EXPECT_THAT(site_.log(), IsEmpty());
    EXPECT_FALSE(fs::exists(folder_.path()));
  }
  void expect_warned(const Ended& ended, const std::string& limit) {
    const auto at = ended.err.find(limit);
    EXPECT_THAT(ended.err, HasSubstr(limit));
    EXPECT_EQ(ended.err.find("and this crawl may need", at), ended.err.rfind("and this crawl may need")) << "once";
    expect_everything(ended);
  }
  void expect_everything(const Ended& ended) {
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(folder_.images().size(), 1U);
  }
};

/// A sanitizer that looks into an object takes a pipe for it.
class FewOpenFiles : public LowLimits {
 protected:
  void SetUp() override {
    LowLimits::SetUp();
    if (kSanitized) GTEST_SKIP() << "a sanitizer takes descriptors of its own";
  }
};

TEST_F(LowLimits, OfOpenFilesEndACrawlBeforeItBegins) {
  expect_not_started(crawl_under("-n 20"), "the limit on open files is 20 (ulimit -n), and a crawl needs at least ");
  expect_not_started(crawl_under("-n 20", {"--downloaders", "1", "--fetchers", "1"}), "is 20 (ulimit -n)");
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

/// More than README allows no longer fits when every slot looks up a name; a crawl of one server is far from that.
TEST_F(LowLimits, OfOpenFilesMayBeBelowTheMostThatACrawlMayNeed) {
  expect_warned(crawl_under("-n 4096", {"--downloaders", "2048"}),
                "the limit on open files is 4096 (ulimit -n), and this crawl may need ");
}

/// Sixty images of a server that answers none of them before it is told to.
TEST_F(FewOpenFiles, BoundHowManyImagesAreInFlight) {
  std::vector<std::string> paths;
  for (int i = 1; i <= 60; ++i) {
    paths.push_back("/" + std::to_string(i) + ".png");
    image(paths.back(), static_cast<std::uint64_t>(i));
    site_.hold(paths.back());
  }
  list(1, paths);
  const auto run = start_under("-n 64", {"--downloaders", "60", "--threads", "1", "--fetchers", "1", "--retries", "0"});
  EXPECT_TRUE(eventually([&] { return run->err().find("continuing with fewer images") != std::string::npos; }))
      << run->err();
  for (const std::string& path : paths) site_.release(path);
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), 60U);
  EXPECT_THAT(folder_.failures(), IsEmpty());
  EXPECT_THAT(ended.err, HasSubstr("Too many open files; the limit on open files is 64 (ulimit -n); continuing with "));
}

/// A downloader that can have no file at all any more ends, and the next one has the image that it could not store.
TEST_F(FewOpenFiles, ThatAreLoweredInTheMiddleFailNoImage) {
  site_.hold("/1.png");
  const auto run = start("1", {"--retries", "0"});
  ASSERT_TRUE(site_.wait_for("/1.png")) << run->err();
  const pid_t downloader = run->child("doutu-downloader");
  rlimit before{};
  ASSERT_EQ(::prlimit(downloader, RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit low{8, before.rlim_max};
  ASSERT_EQ(::prlimit(downloader, RLIMIT_NOFILE, &low, nullptr), 0);
  site_.release("/1.png");
  const Ended ended = run->wait();
  EXPECT_THAT(ended.err, HasSubstr("the limit on open files is 8 (ulimit -n)"));
  EXPECT_THAT(folder_.failures(), IsEmpty());
  expect_everything(ended);
}

/// One that a page carries in itself is stored by another thread.
TEST_F(FewOpenFiles, ThatAreLoweredInTheMiddleFailNoImageOfAPage) {
  list(1, {"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"});
  site_.hold("/list/1");
  const auto run = start("1");
  ASSERT_TRUE(site_.wait_for("/list/1")) << run->err();
  const pid_t downloader = run->child("doutu-downloader");
  rlimit before{};
  ASSERT_EQ(::prlimit(downloader, RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit low{3, before.rlim_max};
  ASSERT_EQ(::prlimit(downloader, RLIMIT_NOFILE, &low, nullptr), 0);
  site_.release("/list/1");
  const Ended ended = run->wait();
  EXPECT_THAT(ended.err, HasSubstr("the limit on open files is 3 (ulimit -n)"));
  EXPECT_THAT(folder_.failures(), IsEmpty());
  expect_everything(ended);
}

TEST_F(LowLimits, OfTheSizeOfAFileEndACrawlBeforeItBegins) {
  expect_not_started(crawl_under("-f 2"), "the limit on file size is 1 KiB (ulimit -f)");
}

TEST_F(LowLimits, OfTheSizeOfAFileMayBeBelowTheLargestImage) {
  expect_warned(crawl_under("-f 40000"), "is 19 MiB (ulimit -f), and this crawl may need 64 MiB; raise the limit");
}

TEST_F(LowLimits, OfTheSizeOfAFileAreEnoughForSmallerImages) {
  const Ended ended = crawl_under("-f 65536", {"--max-image-size", "32M"});
  EXPECT_THAT(ended.err, testing::Not(HasSubstr("ulimit")));
  expect_everything(ended);
}

TEST_F(LowLimits, OfMemoryEndACrawlBeforeItBegins) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer reserves more than any limit";
  expect_not_started(crawl_under("-v 80000"), "the limit on memory per process is 78 MiB (ulimit -v)");
}

TEST_F(LowLimits, OfMemoryAreEnoughWhereTheyAreNotSaidToBeTooLow) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer reserves more than any limit";
  const Ended refused = crawl_under("-v 80000");
  const auto at = refused.err.find("at least ");
  ASSERT_NE(at, std::string::npos) << refused.err;
  const int least = std::stoi(refused.err.substr(at + 9));
  expect_warned(crawl_under("-v " + std::to_string(least * 1024)), "(ulimit -v), and this crawl may need ");
}

TEST_F(LowLimits, OfStacksEndACrawlBeforeItBegins) {
  expect_not_started(crawl_under("-s 200"), "the limit on stack size is 200 KiB (ulimit -s)");
  if (!kSanitized) expect_everything(crawl_under("-s 256"));
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
  [[nodiscard]] Ended crawl_with(int tasks) const { return start_with(tasks)->wait(); }
  [[nodiscard]] std::unique_ptr<CrawlRun> start_with(int tasks, const std::string& pages = "1",
                                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"/usr/bin/prlimit", "--nproc=" + std::to_string(tasks), DOUTU_PROGRAM};
    for (const std::string& word : command(pages, more)) words.push_back(word);
    return as_user(words);
  }
  /// As a user who finds images.example on this machine.
  [[nodiscard]] std::unique_ptr<CrawlRun> as_user(const std::vector<std::string>& words) const {
    const std::string hosts = temporary_ / "hosts";
    write_file(hosts, "127.0.0.1 images.example\n");
    std::vector<std::string> arguments = {"-m",
                                          "/bin/sh",
                                          "-c",
                                          "mount --bind '" + hosts + "' /etc/hosts && exec \"$0\" \"$@\"",
                                          "/usr/bin/setpriv",
                                          "--reuid=64735",
                                          "--clear-groups"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return std::make_unique<CrawlRun>(arguments, "", std::map<std::string, std::string>(), "/usr/bin/unshare");
  }
};

TEST_F(LowLimitOfTasks, EndsACrawlBeforeItBegins) {
  expect_not_started(crawl_with(5),
                     "the limit on your processes and threads is 5 (ulimit -u); 1 are in use, and a crawl ");
  expect_everything(crawl_with(1000));
}

TEST_F(LowLimitOfTasks, MayBeBelowTheMostThatACrawlMayNeed) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  expect_warned(crawl_with(14 + cores), "and this crawl may need ");
}

/// Names are looked up by threads, one each.
TEST_F(LowLimitOfTasks, ThatIsLoweredInTheMiddleFailsNoImage) {
  const std::string by_name = std::regex_replace(site_.url("/2.png"), std::regex("127\\.0\\.0\\.1"), "images.example");
  image("/2.png", 2);
  list(2, {by_name});
  site_.hold("/1.png");
  site_.hold("/list/2");
  const auto run = start_with(1000, "1-2", {"--allow-private", "--retries", "0"});
  ASSERT_TRUE(site_.wait_for("/1.png")) << run->err();
  ASSERT_TRUE(site_.wait_for("/list/2")) << run->err();
  ASSERT_EQ(as_user({"/usr/bin/prlimit", "--nproc=1:1000", "--pid", std::to_string(run->child("doutu-downloader"))})
                ->wait()
                .status,
            0);
  site_.release("/list/2");
  EXPECT_TRUE(eventually([&] { return run->err().find("continuing with fewer images") != std::string::npos; }))
      << run->err();
  site_.release("/1.png");
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("the limit on your processes and threads is 1 (ulimit -u); continuing with"));
  EXPECT_THAT(folder_.failures(), IsEmpty());
  EXPECT_EQ(folder_.images().size(), 2U);
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
  EXPECT_THAT(ended.err, HasSubstr("the limit on file size is 1 KiB (ulimit -f)"));
  EXPECT_EQ(run->err().find("signal"), std::string::npos) << ended.err;
  expect_everything(crawl("1"));
}

}  // namespace
}  // namespace doutu

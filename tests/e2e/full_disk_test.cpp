// A full disk is a state of the whole run, not a failure of images. The disk is a small tmpfs in a mount namespace of
// this test's own.

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "crawler/demo/draw_image.h"
#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;

class FullDisk : public CrawlTest {
 protected:
  static constexpr int kImages = 100;

  void SetUp() override {
    std::filesystem::create_directories(folder_.path());
    // The namespace is this thread's, and inherited by what it starts.
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
      GTEST_SKIP() << "no mount namespace of its own: " << std::strerror(errno);
    }
    mounted_ = true;
    std::vector<std::string> urls;
    for (int number = 1; number <= kImages; ++number) {
      const std::string path = "/" + std::to_string(number) + ".png";
      const std::string bytes = draw_image(static_cast<std::uint64_t>(number), 180);  // 16 KiB
      site_.file(path, bytes);
      images_[path.substr(1)] = sha256(bytes);
      urls.push_back(path);
    }
    list(1, urls);
  }

  void TearDown() override {
    CrawlTest::TearDown();
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }

  void make_space() {
    ASSERT_EQ(mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT, "size=16m"), 0) << std::strerror(errno);
  }

  /// Not by what is free: whatever found no room, be it a batch of the ledger, may have left some.
  [[nodiscard]] static bool finds_it_full(const CrawlRun& run) {
    return run.err().find("waiting until the disk can be written again") != std::string::npos;
  }

  bool mounted_ = false;
  std::map<std::string, std::string> images_;
};

TEST_F(FullDisk, IsWaitedForAndNothingIsLost) {
  const auto run = start("1", {"--retries", "0", "--min-free-disk", "0"});
  ASSERT_TRUE(eventually([&] { return finds_it_full(*run); }));
  EXPECT_FALSE(eventually([&] { return !run->running(); }, milliseconds(1500)));
  const std::size_t asked = site_.log().size();
  EXPECT_LT(asked, static_cast<std::size_t>(kImages) * 3) << "images are fetched for nothing";
  make_space();
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images(), images_);
  EXPECT_EQ(folder_.wrong_image_lines(), std::vector<std::string>());
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = kImages, .saved = kImages}));
}

TEST_F(FullDisk, EndsTheCrawlForNowWhenItStaysFull) {
  const Ended full = crawl("1", {"--retries", "0", "--min-free-disk", "0", "--disk-wait", "1"});
  EXPECT_EQ(full.status, 9) << full.err;
  EXPECT_TRUE(folder_.failures().empty()) << "no image fails for it";
  make_space();
  const Ended ended = crawl("1", {"--retries", "0", "--min-free-disk", "0"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images(), images_);
  EXPECT_EQ(folder_.wrong_image_lines(), std::vector<std::string>());
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = kImages, .saved = kImages}));
}

TEST_F(FullDisk, IsSoWhenLessIsFreeThanOthersShallHave) {
  const auto run = start("1", {"--min-free-disk", "1.5M"});
  const auto log = [this] { return read_file(folder_.state("crawl.log")); };
  ASSERT_TRUE(eventually([&] { return log().find("less than --min-free-disk (2 MiB)") != std::string::npos; }));
  EXPECT_EQ(site_.count("/1.png"), 0U) << "there was less from the start";
  make_space();
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images(), images_);
  EXPECT_EQ(folder_.wrong_image_lines(), std::vector<std::string>());
}

TEST_F(FullDisk, CanBeInterrupted) {
  const auto run = start("1", {"--retries", "0", "--min-free-disk", "0"});
  ASSERT_TRUE(eventually([&] { return finds_it_full(*run); }));
  run->signal(SIGINT);
  EXPECT_EQ(run->wait().status, 130);
  make_space();
  EXPECT_EQ(crawl("1", {"--min-free-disk", "0"}).status, 0);
  EXPECT_EQ(folder_.images(), images_);
  EXPECT_EQ(folder_.wrong_image_lines(), std::vector<std::string>());
}

}  // namespace
}  // namespace doutu

// A disk that nothing can be written to for a while, whatever it says (broken_disk.cpp): the crawl waits, no image
// fails for it, and it goes on by itself. Each test asserts that it waited, or gave up waiting: a library that did not
// reach the downloader would let it end well at once.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "shared/base/unique_fd.h"
#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

class BrokenDisk : public CrawlTest, public testing::WithParamInterface<int> {
 protected:
  static constexpr std::size_t kImages = 40;

  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer's library must be loaded first";
#endif
    memes_ = make_meme_site(site_, {.pages = 2, .images_per_page = kImages / 2});
    set_error(0);
  }

  /// Mapped by the downloader: never shorter.
  void set_error(int error) const {
    const UniqueFd fd(::open(control().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    ASSERT_EQ(::pwrite(fd.get(), &error, sizeof error, 0), static_cast<ssize_t>(sizeof error));
  }
  [[nodiscard]] std::string control() const { return temporary_ / "error"; }

  /// A crawl whose disk breaks when all is there but what waits for this answer, which comes then.
  std::unique_ptr<CrawlRun> crawl_on_a_disk_that_breaks_before(const std::string& answer, std::size_t images,
                                                               const std::vector<std::string>& more = {}) {
    site_.hold(answer);
    auto run = std::make_unique<CrawlRun>(
        command("1-2", more), "",
        std::map<std::string, std::string>{{"LD_PRELOAD", DOUTU_BROKEN_DISK}, {"DOUTU_BROKEN_DISK", control()}});
    EXPECT_TRUE(eventually([&] { return folder_.images().size() == images; })) << run->err();
    set_error(GetParam());
    site_.release(answer);
    return run;
  }
  /// The one that waits for the disk; the next one has begun to when this returns.
  void kill_the_downloader(CrawlRun& run) {
    ASSERT_TRUE(eventually([&] { return waits(run) == 1; })) << run.err();
    ::kill(run.child("doutu-downloader"), SIGKILL);
    ASSERT_TRUE(eventually([&] { return waits(run) == 2; })) << run.err();
  }
  static int waits(const CrawlRun& run) {
    const std::string err = run.err();
    constexpr std::string_view kWaiting = "waiting until the disk can be written again";
    int times = 0;
    for (auto at = err.find(kWaiting); at != std::string::npos; at = err.find(kWaiting, at + 1)) ++times;
    return times;
  }
  void expect_to_go_on_when_it_is_whole_again(CrawlRun& run) {
    ASSERT_TRUE(eventually([&] { return waits(run) > 0; })) << run.err();
    EXPECT_THAT(run.err(), testing::HasSubstr(std::strerror(GetParam())));
    EXPECT_FALSE(eventually([&] { return !run.running(); }, std::chrono::milliseconds(1200))) << "longer than a probe";
    set_error(0);
    const Ended ended = run.wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(folder_.images(), memes_.images);
    EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = kImages, .saved = kImages}));
    EXPECT_TRUE(folder_.leftovers().empty());
  }

  MemeSite memes_;
};

TEST_P(BrokenDisk, IsWaitedForWithAnImageInHand) {
  const auto run = crawl_on_a_disk_that_breaks_before("/img/30.png", kImages - 1);
  expect_to_go_on_when_it_is_whole_again(*run);
}

TEST_P(BrokenDisk, IsWaitedForWithAPageToRecord) {
  const auto run = crawl_on_a_disk_that_breaks_before("/list/2", kImages / 2);
  expect_to_go_on_when_it_is_whole_again(*run);
}

TEST_P(BrokenDisk, EndsTheCrawlForNowWhenItStaysSo) {
  const Ended broken = crawl_on_a_disk_that_breaks_before("/img/30.png", kImages - 1, {"--disk-wait", "1"})->wait();
  EXPECT_EQ(broken.status, 9) << broken.err;
  EXPECT_TRUE(folder_.failures().empty()) << "no image fails for it";
  set_error(0);
  EXPECT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(folder_.images(), memes_.images);
}

TEST_P(BrokenDisk, IsWaitedForByADownloaderThatReplacesAnother) {
  const auto run = crawl_on_a_disk_that_breaks_before("/img/30.png", kImages - 1);
  kill_the_downloader(*run);
  expect_to_go_on_when_it_is_whole_again(*run);
}

TEST_P(BrokenDisk, EndsTheCrawlForNowWhenADownloaderComesAndItStaysSo) {
  const auto run = crawl_on_a_disk_that_breaks_before("/img/30.png", kImages - 1, {"--disk-wait", "2"});
  kill_the_downloader(*run);
  const Ended broken = run->wait();
  EXPECT_EQ(broken.status, 9) << broken.err;
  EXPECT_TRUE(folder_.failures().empty()) << "no image fails for it";
  set_error(0);
  EXPECT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(folder_.images(), memes_.images);
}

INSTANTIATE_TEST_SUITE_P(WithEachError, BrokenDisk, testing::Values(ENOSPC, EDQUOT, EROFS, EIO),
                         [](const auto& error) { return std::string(strerrorname_np(error.param)); });

}  // namespace
}  // namespace doutu

// A disk that others fill, and empty again, on file systems that find out in different places: with blocks below 4 KiB
// (a store into mapped memory finds no room), with copy on write (a rename finds none), and with inodes that are made
// as they are needed. full_disk_test.cpp has the rules on a tmpfs.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "shared/base/unique_fd.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/site/loop_mount.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::HasSubstr;

struct FileSystem {
  const char* name;
  const char* megabytes;
  const char* mkfs;
};
constexpr FileSystem kExt4{"ext4", "24", "mkfs.ext4 -q -b 1024 -m 0"};
constexpr FileSystem kBtrfs{"btrfs", "114", "mkfs.btrfs -q -M"};
constexpr FileSystem kXfs{"xfs", "304", "mkfs.xfs -q"};

class FullFileSystem : public CrawlTest, public testing::WithParamInterface<FileSystem> {
 protected:
  static constexpr int kImages = 40;

  void SetUp() override {
    disk_ = std::make_unique<LoopMount>(temporary_ / "image", folder_.path(), GetParam().megabytes, GetParam().mkfs);
    if (!disk_->is_mounted()) GTEST_SKIP() << "no " << GetParam().name << " on a loop device: it takes root and mkfs";
    memes_ = make_meme_site(site_, {.pages = 2, .images_per_page = kImages / 2});
  }
  void TearDown() override {
    disk_.reset();
    CrawlTest::TearDown();
  }

  [[nodiscard]] std::string filler() const { return folder_.path() + "/filler"; }

  /// To the last byte.
  void fill() const {
    const UniqueFd file(::open(filler().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    ASSERT_TRUE(file.valid());
    for (std::size_t size = std::size_t{4} << 20U; size > 0; size /= 8) {
      const std::string bytes(size, 'x');
      while (::write(file.get(), bytes.data(), size) > 0) continue;
    }
    (void)::fsync(file.get());
  }
  void make_room() const {
    fs::remove(filler());
    const UniqueFd folder(::open(folder_.path().c_str(), O_RDONLY | O_CLOEXEC));
    ::syncfs(folder.get());  // Until then copy on write has no use for it.
  }

  std::unique_ptr<CrawlRun> begin(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> options = {"--min-free-disk", "0", "--retries", "0"};
    options.insert(options.end(), more.begin(), more.end());
    return start("1-2", options);
  }
  /// A crawl that meets the full disk when everything is there but this answer.
  std::unique_ptr<CrawlRun> begin_and_fill_before(const std::string& answer, std::size_t images,
                                                  const std::vector<std::string>& more = {}) {
    site_.hold(answer);
    auto run = begin(more);
    EXPECT_TRUE(eventually([&] { return folder_.images().size() == images; })) << run->err();
    fill();
    site_.release(answer);
    return run;
  }

  [[nodiscard]] static bool waits(const CrawlRun& run) {
    return run.err().find("waiting until the disk can be written again") != std::string::npos;
  }
  void expect_to_go_on_when_there_is_room(CrawlRun& run) {
    ASSERT_TRUE(eventually([&] { return waits(run) || !run.running(); })) << run.err();
    make_room();
    const Ended ended = run.wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("No space left on device"));
    EXPECT_EQ(ended.err.find("ended by"), std::string::npos) << ended.err;
    expect_everything();
  }
  void expect_to_end_for_now(CrawlRun& run) {
    const Ended full = run.wait();
    EXPECT_EQ(full.status, 9) << full.err;
    EXPECT_THAT(full.err, HasSubstr("No space left on device"));
    EXPECT_EQ(full.err.find("ended by"), std::string::npos) << full.err;
    make_room();
    EXPECT_EQ(begin()->wait().status, 0);
    expect_everything();
  }
  void expect_everything() const {
    EXPECT_EQ(folder_.images(), memes_.images);
    EXPECT_EQ(folder_.report().images.saved, static_cast<std::uint64_t>(kImages));
  }

  std::unique_ptr<LoopMount> disk_;
  MemeSite memes_;
};

TEST_P(FullFileSystem, FromTheStartIsWaitedFor) {
  fill();
  const auto run = begin();
  expect_to_go_on_when_there_is_room(*run);
}

TEST_P(FullFileSystem, FromTheStartEndsTheCrawlForNowWhenItStaysSo) {
  fill();
  const auto run = begin({"--disk-wait", "1"});
  expect_to_end_for_now(*run);
}

TEST_P(FullFileSystem, InTheMiddleIsWaitedFor) {
  const auto run = begin_and_fill_before("/list/2", kImages / 2);
  expect_to_go_on_when_there_is_room(*run);
}

TEST_P(FullFileSystem, AtTheLastImageIsWaitedFor) {
  const auto run = begin_and_fill_before("/img/40.png", kImages - 1);
  expect_to_go_on_when_there_is_room(*run);
}

/// All of it was killed on the full disk: there is a WAL to be read, and no room to do anything about it.
TEST_P(FullFileSystem, OnWhichEverythingWasKilledIsGoneOnWith) {
  {
    const auto run = begin_and_fill_before("/img/40.png", kImages - 1);
    ASSERT_TRUE(eventually([&] { return waits(*run); })) << run->err();
    for (const char* program : {"doutu-downloader", "doutu-fetcher"}) {
      for (const pid_t child : run->children(program)) ::kill(child, SIGKILL);
    }
    run->signal(SIGKILL);
    run->wait();
  }
  EXPECT_EQ(run_doutu({"status", folder_.path()}).status, 0);
  const auto run = begin();
  expect_to_go_on_when_there_is_room(*run);
}

INSTANTIATE_TEST_SUITE_P(Of, FullFileSystem, testing::Values(kExt4, kBtrfs, kXfs),
                         [](const auto& disk) { return std::string(disk.param.name); });

}  // namespace
}  // namespace doutu

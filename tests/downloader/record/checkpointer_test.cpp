#include "downloader/record/checkpointer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "downloader/store/folder_sink.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/processes.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

/// A ledger with so many images of long URLs in its WAL, as a process that was killed leaves it.
class CheckpointerTest : public ::testing::Test {
 protected:
  Checkpointer next() {
    return {sink_, scene_.writer(), publisher_, disk_, [] {}};
  }

  void leave_images(int count) {
    std::vector<std::string> urls;
    for (int i = 0; i < count; ++i) urls.push_back("http://i/" + std::string(200, 'x') + std::to_string(i));
    scene_.job(1);
    scene_.page(1, urls);
  }

  /// What the next process has in its WAL once its first ticks are over.
  std::uint64_t wal_bytes_of_the_next() {
    Checkpointer checkpointer = next();
    checkpointer.tick(mono_now());
    EXPECT_TRUE(eventually([&] {
      if (checkpointer.is_syncing()) checkpointer.tick(mono_now());
      return !checkpointer.is_syncing();
    }));
    return scene_.writer().wal_bytes();
  }

  LedgerScene scene_;
  FolderSink sink_ = must(FolderSink::open(state_in(scene_.files.directory())));
  ImagePublisher publisher_{sink_, scene_.writer(), FolderOptions{}};
  DiskWait disk_{seconds(3600)};
};

TEST_F(CheckpointerTest, EmptiesALargeWalThatWasLeft) {
  leave_images(20'000);
  ASSERT_GT(scene_.writer().wal_bytes(), Checkpointer::kLeftWalBytes);
  EXPECT_EQ(wal_bytes_of_the_next(), 0U);
}

TEST_F(CheckpointerTest, BeginsNothingWhileTheDiskIsWaitedFor) {
  leave_images(20'000);
  Checkpointer checkpointer = next();
  (void)disk_.on_disk_error(mono_now());
  EXPECT_FALSE(checkpointer.tick(mono_now()));
  EXPECT_FALSE(checkpointer.is_syncing());
  disk_.room_again();
  const bool has_ended = checkpointer.tick(mono_now());  // At once, in memory.
  EXPECT_TRUE(has_ended || checkpointer.is_syncing());
}

TEST_F(CheckpointerTest, SaysOnceThatASyncHasEnded) {
  leave_images(20'000);
  Checkpointer checkpointer = next();
  EXPECT_TRUE(eventually([&] { return checkpointer.tick(mono_now()); }));
  EXPECT_FALSE(checkpointer.is_syncing());
  EXPECT_EQ(scene_.writer().wal_bytes(), 0U);
  EXPECT_FALSE(checkpointer.tick(mono_now()));
}

TEST_F(CheckpointerTest, LetsASmallOneGrow) {
  leave_images(10);
  const std::uint64_t left = scene_.writer().wal_bytes();
  ASSERT_GT(left, 0U);
  EXPECT_EQ(wal_bytes_of_the_next(), left);
}

}  // namespace
}  // namespace doutu

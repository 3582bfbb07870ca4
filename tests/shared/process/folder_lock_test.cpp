#include "shared/process/folder_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "tests/site/state_in.h"

namespace doutu {
namespace {

class FolderLockTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(directory_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  FolderLock open() {
    auto lock = FolderLock::open(state_in(directory_));
    EXPECT_TRUE(lock.ok());
    return std::move(lock).value();
  }

  std::string directory_ = "/tmp/doutu-lock-XXXXXX";
};

TEST_F(FolderLockTest, IsHeldByOneAtATime) {
  FolderLock first = open();
  FolderLock second = open();
  EXPECT_EQ(first.try_take(LockPart::crawl).value(), LockResult::held);
  EXPECT_EQ(second.try_take(LockPart::crawl).value(), LockResult::held_by_another);
  first.release(LockPart::crawl);
  EXPECT_EQ(second.try_take(LockPart::crawl).value(), LockResult::held);
}

TEST_F(FolderLockTest, HasTwoPartsThatAreHeldApart) {
  FolderLock crawl = open();
  FolderLock downloader = open();
  EXPECT_EQ(crawl.try_take(LockPart::crawl).value(), LockResult::held);
  EXPECT_EQ(downloader.try_take(LockPart::downloader).value(), LockResult::held);
}

TEST_F(FolderLockTest, ShowsItsHolderWithoutBeingTakenOrMade) {
  EXPECT_EQ(FolderLock::holder_in(state_in(directory_)).value(), LockHolder::nobody);
  EXPECT_TRUE(std::filesystem::is_empty(directory_ + "/.doutu"));
  FolderLock crawl = open();
  FolderLock downloader = open();
  EXPECT_EQ(FolderLock::holder_in(state_in(directory_)).value(), LockHolder::nobody);
  EXPECT_EQ(downloader.try_take(LockPart::downloader).value(), LockResult::held);
  EXPECT_EQ(FolderLock::holder_in(state_in(directory_)).value(), LockHolder::orphaned_downloader);
  EXPECT_EQ(crawl.try_take(LockPart::crawl).value(), LockResult::held);
  EXPECT_EQ(FolderLock::holder_in(state_in(directory_)).value(), LockHolder::crawl);
}

TEST_F(FolderLockTest, ThatCannotBeOpenedIsNotOneThatNobodyHolds) {
  const StateFolder folder = state_in(directory_);
  std::filesystem::create_symlink("elsewhere", directory_ + "/.doutu/lock");
  const auto holder = FolderLock::holder_in(folder);
  ASSERT_FALSE(holder.ok());
  EXPECT_NE(holder.error().message.find(directory_ + "/.doutu/lock is a symbolic link"), std::string::npos);
}

TEST_F(FolderLockTest, GoesWithItsProcessWhateverKillsIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto lock = FolderLock::open(state_in(directory_));
    const bool held = lock.ok() && lock->try_take(LockPart::crawl).value() == LockResult::held;
    (void)!::write(ends[1], held ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char held = 'n';
  ASSERT_EQ(::read(ends[0], &held, 1), 1);
  ASSERT_EQ(held, 'y');
  FolderLock mine = open();
  EXPECT_EQ(mine.try_take(LockPart::crawl).value(), LockResult::held_by_another);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_EQ(mine.take(LockPart::crawl, mono_now() + seconds(30)).value(), LockResult::held);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(FolderLockTest, WaitsNoLongerThanItsDeadline) {
  FolderLock first = open();
  FolderLock second = open();
  ASSERT_EQ(first.try_take(LockPart::downloader).value(), LockResult::held);
  EXPECT_EQ(second.take(LockPart::downloader, mono_now() + milliseconds(50)).value(), LockResult::held_by_another);
}

}  // namespace
}  // namespace doutu

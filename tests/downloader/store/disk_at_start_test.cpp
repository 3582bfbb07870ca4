#include "downloader/store/disk_at_start.h"

#include <gtest/gtest.h>

#include <utility>

namespace doutu {
namespace {

using Which = DiskAtStart::Which;

class DiskAtStartTest : public ::testing::Test {
 protected:
  DiskAtStart disk_for(Which which) { return {which, channel_.first, *stats_, folder_}; }

  std::pair<ControlChannel, ControlChannel> channel_ = *ControlChannel::create();
  SharedStats stats_ = *SharedStats::create();
  FolderOptions folder_;
};

TEST_F(DiskAtStartTest, IsWaitedForByTheFirstDownloaderOnlyWhenItIsFull) {
  const DiskAtStart disk = disk_for(Which::first);
  for (const int code : {ENOSPC, EDQUOT}) EXPECT_TRUE(disk.waits_for({"disk", code})) << code;
  for (const int code : {EROFS, EIO, EACCES, 0}) EXPECT_FALSE(disk.waits_for({"disk", code})) << code;
}

TEST_F(DiskAtStartTest, IsWaitedForByAnotherWhateverItSays) {
  const DiskAtStart disk = disk_for(Which::replacement);
  for (const int code : {ENOSPC, EDQUOT, EROFS, EIO}) EXPECT_TRUE(disk.waits_for({"disk", code})) << code;
  for (const int code : {EACCES, 0}) EXPECT_FALSE(disk.waits_for({"disk", code})) << code;
}

TEST_F(DiskAtStartTest, FailsAtOnceWhenNobodyWaits) {
  int tries = 0;
  const Status done = disk_for(Which::first).retry_until_writable([&]() -> Status {
    return ++tries, Error{"disk", EROFS};
  });
  EXPECT_EQ(done.error().code, EROFS);
  EXPECT_EQ(tries, 1);
}

TEST_F(DiskAtStartTest, IsGivenUpWhenTheParentIsGone) {
  channel_.second.close();
  int tries = 0;
  const Status done = disk_for(Which::replacement).retry_until_writable([&]() -> Status {
    return ++tries, Error{"disk", EIO};
  });
  EXPECT_EQ(done.error().code, EIO);
  EXPECT_EQ(tries, 1);
}

}  // namespace
}  // namespace doutu

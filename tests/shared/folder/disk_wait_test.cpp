#include "shared/folder/disk_wait.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr MonoTime kStart{seconds(1000)};

TEST(DiskWait, ProbesEverySecondAndGoesOn) {
  DiskWait wait(seconds(3600));
  EXPECT_FALSE(wait.is_paused());
  EXPECT_EQ(wait.on_disk_error(kStart), DiskWait::Outage::begins);
  EXPECT_FALSE(wait.probe_is_due(kStart));
  EXPECT_TRUE(wait.probe_is_due(kStart + seconds(1)));
  wait.room_again();
  EXPECT_FALSE(wait.is_paused());
  EXPECT_FALSE(wait.probe_is_due(kStart + seconds(9)));
}

TEST(DiskWait, GivesUpAfterItsLimit) {
  DiskWait wait(seconds(10));
  (void)wait.on_disk_error(kStart);
  EXPECT_FALSE(wait.is_over(kStart + seconds(9)));
  EXPECT_TRUE(wait.is_over(kStart + seconds(10)));
  wait.room_again();
  EXPECT_FALSE(wait.is_over(kStart + seconds(10)));
}

TEST(DiskWait, GivesUpADiskWithRoomForTheProbeAlone) {
  DiskWait wait(seconds(10));
  MonoTime now = kStart;
  EXPECT_EQ(wait.on_disk_error(now), DiskWait::Outage::begins);
  while (!wait.is_over(now) && now < kStart + seconds(100)) {
    wait.room_again();
    now += seconds(1);
    EXPECT_EQ(wait.on_disk_error(now), DiskWait::Outage::goes_on);
  }
  EXPECT_EQ(now, kStart + seconds(10));
}

TEST(DiskWait, BeginsAnewAfterACalm) {
  DiskWait wait(seconds(10));
  (void)wait.on_disk_error(kStart);
  wait.room_again();
  const MonoTime later = kStart + DiskWait::kQuietPeriod + seconds(1);
  EXPECT_EQ(wait.on_disk_error(later), DiskWait::Outage::begins);
  EXPECT_FALSE(wait.is_over(later + seconds(5)));
}

}  // namespace
}  // namespace doutu

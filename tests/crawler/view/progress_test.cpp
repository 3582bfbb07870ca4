#include "crawler/view/progress.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

CrawlSnapshot snapshot() {
  CrawlSnapshot snapshot;
  snapshot.pages = {.asked = 76, .done = 11, .empty = 0, .failed = 1};
  snapshot.images.saved = 1234;
  snapshot.images.bytes = 12'900'000;
  return snapshot;
}

TEST(ProgressLine, SaysOnlyWhatIsNotZero) {
  EXPECT_EQ(progress_line(snapshot()), "pages 12/76 (1 failed)  images 1,234 (0.0/s, 12.3 MiB)");
}

TEST(ProgressLine, NamesFailuresWhatIsUnderWayTheTimeLeftAndWhatItWaitsFor) {
  CrawlSnapshot all = snapshot();
  all.images.known = 7;
  all.images.failed = 3;
  all.images.pending = 80;
  all.in_flight = 20;
  all.images_per_second = 55.6;
  all.seconds_left = 125;
  all.bottleneck = Bottleneck::disk;
  EXPECT_EQ(progress_line(all),
            "pages 12/76 (1 failed)  images 1,234 (56/s, 12.3 MiB, 7 already had, 3 failed, 80 to go, 20 in flight)  "
            "2 min 05 s left  waiting for the disk");
}

TEST(RateMeter, MeasuresOverTheLastTenSeconds) {
  RateMeter meter;
  EXPECT_EQ(meter.per_second(), 0);
  MonoTime now{};
  meter.add(now, 100);
  EXPECT_EQ(meter.per_second(), 0) << "one moment is no rate";
  for (std::uint64_t i = 1; i <= 30; ++i) meter.add(now += seconds(1), 100 + 50 * i);
  EXPECT_DOUBLE_EQ(meter.per_second(), 50);
  for (int i = 1; i <= 10; ++i) meter.add(now += seconds(1), 1600);
  EXPECT_DOUBLE_EQ(meter.per_second(), 0) << "what was before ten seconds no longer counts";
}

TEST(RateMeter, ManyMomentsADayKeepItSmallAndTrue) {
  RateMeter meter;
  MonoTime now{};
  for (std::uint64_t i = 0; i <= 1000; ++i) meter.add(now += milliseconds(10), 5 * i);
  EXPECT_NEAR(meter.per_second(), 500, 1);
  for (std::uint64_t i = 0; i <= 1000; ++i) meter.add(now += milliseconds(10), 5000);
  EXPECT_NEAR(meter.per_second(), 0, 15) << "a window is kept to within one of its 50 parts";
}

TEST(RateMeter, StandsTwoMomentsAtOnceAndATotalThatFalls) {
  RateMeter meter;
  meter.add(MonoTime{}, 10);
  meter.add(MonoTime{}, 20);
  EXPECT_EQ(meter.per_second(), 0);
  meter.add(MonoTime{} + seconds(1), 5);
  EXPECT_EQ(meter.per_second(), 0);
  meter.add(MonoTime{} + seconds(2), 9);
  EXPECT_DOUBLE_EQ(meter.per_second(), 4);
}

}  // namespace
}  // namespace doutu

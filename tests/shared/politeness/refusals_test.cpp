#include "shared/politeness/refusals.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr MonoTime kNow{seconds(1000)};

TEST(RefusalsTest, SaysWhetherOthersCameSinceOneWasRefusedLast) {
  Refusals refusals;
  Refusals::Past one;
  refusals.answered({});
  EXPECT_FALSE(refusals.refused(one, 0, kNow)) << "the first time nothing is known";
  EXPECT_FALSE(refusals.refused(one, 0, kNow));
  refusals.answered({});
  EXPECT_TRUE(refusals.refused(one, 0, kNow));
  EXPECT_FALSE(refusals.refused(one, 0, kNow));
}

TEST(RefusalsTest, RemembersWhenOneWasRefusedFirst) {
  Refusals refusals;
  Refusals::Past one;
  (void)refusals.refused(one, 0, kNow);
  (void)refusals.refused(one, 0, kNow + seconds(5));
  EXPECT_EQ(one.since, kNow);
  EXPECT_EQ(one.times, 2U);
}

TEST(RefusalsTest, CountsNoAnswerToWhatWasInFlightAlready) {
  Refusals refusals;
  Refusals::Past one;
  (void)refusals.refused(one, 3, kNow);
  for (int i = 0; i < 3; ++i) refusals.answered({});
  EXPECT_FALSE(refusals.were_others_answered(one));
  refusals.answered({});
  EXPECT_TRUE(refusals.were_others_answered(one));
}

TEST(RefusalsTest, MeasuresOneByThoseThatCameAfterAll) {
  Refusals refusals;
  EXPECT_FALSE(refusals.is_too_often({.times = 4}));
  EXPECT_TRUE(refusals.is_too_often({.times = 5}));
  refusals.answered({.times = 3});
  refusals.answered({.times = 1});
  EXPECT_FALSE(refusals.is_too_often({.times = 4 + 8 * 3}));
  EXPECT_TRUE(refusals.is_too_often({.times = 5 + 8 * 3}));
}

}  // namespace
}  // namespace doutu

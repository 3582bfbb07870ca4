#include "shared/http/refusals.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr MonoTime kNow{seconds(1000)};

TEST(RefusalsTest, SaysWhetherOthersCameSinceOneWasRefusedLast) {
  Refusals refusals;
  Refusals::Past one;
  refusals.answered({});
  EXPECT_FALSE(refusals.refused(one, kNow)) << "the first time nothing is known";
  EXPECT_FALSE(refusals.refused(one, kNow));
  refusals.answered({});
  EXPECT_TRUE(refusals.refused(one, kNow));
  EXPECT_FALSE(refusals.refused(one, kNow));
}

TEST(RefusalsTest, RemembersWhenOneWasRefusedFirst) {
  Refusals refusals;
  Refusals::Past one;
  (void)refusals.refused(one, kNow);
  (void)refusals.refused(one, kNow + seconds(5));
  EXPECT_EQ(one.since, kNow);
  EXPECT_EQ(one.times, 2U);
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

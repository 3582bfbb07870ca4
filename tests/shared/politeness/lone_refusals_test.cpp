#include "shared/politeness/lone_refusals.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

int taken(LoneRefusals& lone) {
  int count = 0;
  while (count < 100 && lone.take_one(true)) ++count;
  return count;
}

TEST(LoneRefusals, OneIsWorthSixAnswersAndFourAtMostAreSaved) {
  LoneRefusals lone;
  for (int i = 0; i < 5; ++i) lone.answered();
  EXPECT_EQ(taken(lone), 0);
  lone.answered();
  EXPECT_EQ(taken(lone), 1);
  for (int i = 0; i < 100; ++i) lone.answered();
  EXPECT_EQ(taken(lone), 4);
}

TEST(LoneRefusals, AThrottleUsesUpWhatWasSaved) {
  LoneRefusals lone;
  for (int i = 0; i < 12; ++i) lone.answered();
  lone.throttled();
  EXPECT_EQ(taken(lone), 0);
}

TEST(LoneRefusals, SixteenFreshThatCameAndSixteenThatNeverDidAreNoLimitOfRates) {
  LoneRefusals lone;
  for (int i = 0; i < 16; ++i) {
    EXPECT_FALSE(lone.take_one(false)) << i;
    lone.fresh_probe_came();
    EXPECT_FALSE(lone.take_one(false)) << i;
    lone.probe_was_refused_again();
  }
  EXPECT_TRUE(lone.take_one(false));
  EXPECT_FALSE(lone.take_one(true)) << "something came that had been refused";
}

}  // namespace
}  // namespace doutu

#include "shared/politeness/standing.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr seconds kPatience{10};
constexpr MonoTime kStart{seconds(1000)};

TEST(Standing, IsKnownOnceItWasHeardAndNotWhenItSpokeOnly) {
  Standing standing(Standing::Past::unknown);
  EXPECT_FALSE(standing.has_answered());
  standing.spoke();
  EXPECT_TRUE(standing.has_answered());
  EXPECT_FALSE(standing.is_known());
  standing.heard(kStart);
  EXPECT_TRUE(standing.is_known());
}

TEST(Standing, IsMissingAfterThreeMissesInARowAndSomeSeconds) {
  Standing standing(Standing::Past::has_answered);
  standing.heard(kStart);
  standing.missed();
  standing.missed();
  EXPECT_FALSE(standing.is_missing(kStart + kPatience, kPatience, false)) << "two may be an accident";
  EXPECT_TRUE(standing.is_missing(kStart + kPatience, kPatience, true)) << "of a probe one is enough";
  standing.missed();
  EXPECT_FALSE(standing.is_missing(kStart + kPatience - milliseconds(1), kPatience, false));
  EXPECT_TRUE(standing.is_missing(kStart + kPatience, kPatience, false));
  standing.heard(kStart + kPatience);
  EXPECT_FALSE(standing.is_missing(kStart + 3 * kPatience, kPatience, false));
}

TEST(Standing, CountsNoPauseAsTimeWithoutAnAnswer) {
  Standing standing(Standing::Past::has_answered);
  standing.heard(kStart);
  standing.asked_after_pause(kStart + 2 * kPatience);
  for (int i = 0; i < 3; ++i) standing.missed();
  EXPECT_FALSE(standing.is_missing(kStart + 2 * kPatience, kPatience, false));
  standing.asked_after_pause(kStart + 5 * kPatience);
  EXPECT_TRUE(standing.is_missing(kStart + 5 * kPatience, kPatience, false)) << "a miss is behind it";
}

}  // namespace
}  // namespace doutu

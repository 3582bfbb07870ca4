#include "shared/politeness/retry_policy.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr std::uint32_t kLongest = 0xffff'ffff;

TEST(RetryPolicy, DoublesUpToTheLongestWait) {
  const PolitenessOptions politeness;
  for (const auto& [attempts, wait] :
       {std::pair(1U, 1), {2U, 2}, {3U, 4}, {6U, 32}, {7U, 60}, {8U, 60}, {4'000'000'000U, 60}}) {
    EXPECT_EQ(retry_delay(politeness, attempts, kLongest), seconds(wait)) << attempts;
  }
}

TEST(RetryPolicy, SpreadsTheUpperHalfOfAWait) {
  const PolitenessOptions politeness;
  EXPECT_EQ(retry_delay(politeness, 3, 0), milliseconds(2000));
  EXPECT_EQ(retry_delay(politeness, 3, kLongest / 2), milliseconds(2999));
  EXPECT_EQ(retry_delay(politeness, 3, kLongest), milliseconds(4000));
}

TEST(RetryPolicy, BelievesOneThatIsToldToWaitAMinuteAtMost) {
  PolitenessOptions politeness;
  EXPECT_EQ(believed_of_one(politeness, seconds(7)), seconds(7));
  EXPECT_EQ(believed_of_one(politeness, seconds::max()), seconds(60));
  politeness.retry_wait_max = milliseconds(2500);
  EXPECT_EQ(believed_of_one(politeness, seconds(7)), seconds(2));
}

TEST(RetryPolicy, KnowsTheLongestWaitsInAll) {
  PolitenessOptions politeness;
  EXPECT_EQ(longest_waits(politeness), seconds(1 + 2 + 4 + 8));
  politeness.retries = 0;
  EXPECT_EQ(longest_waits(politeness), seconds(0));
}

TEST(RetryPolicy, TakesAnySettings) {
  PolitenessOptions politeness;
  politeness.retry_wait = politeness.retry_wait_max = milliseconds(0);
  EXPECT_EQ(retry_delay(politeness, 5, kLongest), milliseconds(0));
  politeness.retry_wait_max = milliseconds(10);
  EXPECT_EQ(retry_delay(politeness, 0, kLongest), milliseconds(0));
  EXPECT_LE(retry_delay(politeness, 90, kLongest), milliseconds(10));
}

}  // namespace
}  // namespace doutu

#include "downloader/retry_policy.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr std::uint32_t kLongest = 0xffff'ffff;

TEST(RetryPolicy, DoublesUpToTheLongestWait) {
  const CrawlSettings settings;
  for (const auto& [attempts, wait] :
       {std::pair(1U, 1), {2U, 2}, {3U, 4}, {6U, 32}, {7U, 60}, {8U, 60}, {4'000'000'000U, 60}}) {
    EXPECT_EQ(retry_delay(settings, attempts, kLongest), seconds(wait)) << attempts;
  }
}

TEST(RetryPolicy, SpreadsTheUpperHalfOfAWait) {
  const CrawlSettings settings;
  EXPECT_EQ(retry_delay(settings, 3, 0), milliseconds(2000));
  EXPECT_EQ(retry_delay(settings, 3, kLongest / 2), milliseconds(2999));
  EXPECT_EQ(retry_delay(settings, 3, kLongest), milliseconds(4000));
}

TEST(RetryPolicy, KnowsTheLongestWaitsInAll) {
  CrawlSettings settings;
  EXPECT_EQ(longest_waits(settings), seconds(1 + 2 + 4 + 8));
  settings.retries = 0;
  EXPECT_EQ(longest_waits(settings), seconds(0));
}

TEST(RetryPolicy, TakesAnySettings) {
  CrawlSettings settings;
  settings.retry_wait = settings.retry_wait_max = milliseconds(0);
  EXPECT_EQ(retry_delay(settings, 5, kLongest), milliseconds(0));
  settings.retry_wait_max = milliseconds(10);
  EXPECT_EQ(retry_delay(settings, 0, kLongest), milliseconds(0));
  EXPECT_LE(retry_delay(settings, 90, kLongest), milliseconds(10));
}

}  // namespace
}  // namespace doutu

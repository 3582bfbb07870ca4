#include "crawler/plan/page_deadline.h"

#include <gtest/gtest.h>

#include <limits>

namespace doutu {
namespace {

constexpr MonoTime kGiven{seconds(1000)};

PageTime page_of(Duration waited = {}, MonoTime waits_since = {}) {
  return {.given = kGiven,
          .allowed = seconds(60),
          .longest_wait = seconds(3600),
          .held_ns = std::chrono::nanoseconds(waited).count(),
          .held_since_ns = to_nanoseconds(waits_since)};
}

TEST(PageDeadline, IsTheAllowedTimeAfterThePageWasGivenOut) {
  EXPECT_FALSE(is_past_deadline(page_of(), kGiven + seconds(60)));
  EXPECT_TRUE(is_past_deadline(page_of(), kGiven + seconds(61)));
}

TEST(PageDeadline, IsPutOffByWaitsForTheLane) {
  EXPECT_FALSE(is_past_deadline(page_of(seconds(100)), kGiven + seconds(160)));
  EXPECT_TRUE(is_past_deadline(page_of(seconds(100)), kGiven + seconds(161)));
  const MonoTime since = kGiven + seconds(20);
  EXPECT_FALSE(is_past_deadline(page_of({}, since), kGiven + seconds(3000))) << "a wait that goes on";
  EXPECT_FALSE(is_past_deadline(page_of(seconds(10), since), kGiven + seconds(3000)));
}

TEST(PageDeadline, ComesHoweverLongAFetcherClaimsToHaveWaited) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t waited : {std::int64_t{0}, kMost, kLeast}) {
    for (const std::int64_t since : {std::int64_t{0}, std::int64_t{1}, kMost, kLeast}) {
      PageTime page = page_of();
      page.held_ns = waited;
      page.held_since_ns = since;
      EXPECT_TRUE(is_past_deadline(page, kGiven + seconds(3661))) << waited << " " << since;
    }
  }
}

TEST(PageDeadline, IsPutOffByNoTimeBeforeThePageWasGivenOut) {
  EXPECT_TRUE(is_past_deadline(page_of({}, kGiven - seconds(500)), kGiven + seconds(3661)));
  PageTime page = page_of(seconds(-100));
  EXPECT_FALSE(is_past_deadline(page, kGiven + seconds(60))) << "nor does a negative wait shorten it";
}

}  // namespace
}  // namespace doutu

#include "crawler/report/crawl_snapshot.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

const PageCounters kQuarter{.asked = 100, .done = 20, .empty = 3, .failed = 2};  // 25 of 100 recorded

JobCounters images(std::uint64_t saved, std::uint64_t pending) {
  JobCounters counters;
  counters.saved = saved;
  counters.pending = pending;
  return counters;
}

TEST(ImagesInAll, CountsAsManyForEachPageToComeAsForEachSoFar) {
  const ImagesInAll all = images_in_all(kQuarter, images(200, 50));
  EXPECT_EQ(all.count, 1000U);
  EXPECT_TRUE(all.estimated);
}

TEST(ImagesInAll, IsExactWhenEveryPageIsRecorded) {
  const ImagesInAll all = images_in_all({.asked = 2, .done = 2}, images(7, 3));
  EXPECT_EQ(all.count, 10U);
  EXPECT_FALSE(all.estimated);
}

TEST(TimeLeft, IsWhatTheImagesNeedWhenPagesAreFaster) {
  // 50 pending and 10 for each of 75 pages: 800 at 10 a second; 75 pages at 5 a second.
  EXPECT_DOUBLE_EQ(time_left(kQuarter, images(200, 50), 5, 10).value(), 80);
}

TEST(TimeLeft, IsWhatThePagesNeedWhenImagesAreFaster) {
  EXPECT_DOUBLE_EQ(time_left(kQuarter, images(200, 50), 0.5, 1000).value(), 150);
}

TEST(TimeLeft, KnownImagesAreNotFetched) {
  JobCounters known;
  known.known = 250;
  EXPECT_DOUBLE_EQ(time_left(kQuarter, known, 5, 0).value(), 15);
}

TEST(TimeLeft, CannotBeToldBeforeTheFirstPageOrWhenNothingGoesOn) {
  EXPECT_FALSE(time_left({.asked = 10}, {}, 0, 0));
  EXPECT_FALSE(time_left(kQuarter, images(200, 50), 5, 0));
  EXPECT_FALSE(time_left(kQuarter, images(200, 0), 0, 10));
}

TEST(TimeLeft, IsNothingAtTheEnd) {
  EXPECT_DOUBLE_EQ(time_left({.asked = 1, .done = 1}, images(5, 0), 0, 0).value(), 0);
}

TEST(CrawlState, EveryNameIsFoundAgainAndOutcomesKeepTheirs) {
  for (int i = 0; i <= static_cast<int>(CrawlState::broken); ++i) {
    EXPECT_EQ(state_from_name(state_name(static_cast<CrawlState>(i))), static_cast<CrawlState>(i));
  }
  EXPECT_FALSE(state_from_name(""));
  EXPECT_FALSE(state_from_name("asleep"));
  for (const Outcome outcome : {Outcome::complete, Outcome::failures, Outcome::no_images, Outcome::stopped_early,
                                Outcome::interrupted, Outcome::broken}) {
    EXPECT_EQ(state_name(state_of(outcome)), outcome_name(outcome));
    EXPECT_FALSE(is_alive(state_of(outcome)));
  }
  EXPECT_TRUE(is_alive(CrawlState::orphaned));
  EXPECT_FALSE(is_alive(CrawlState::killed));
}

}  // namespace
}  // namespace doutu

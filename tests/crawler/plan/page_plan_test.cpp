#include "crawler/plan/page_plan.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "tests/crawler/plan/page_plan_fixture.h"

namespace doutu {
namespace {

TEST_F(PagePlanTest, GivesOutEveryPageOnceAndInOrder) {
  PagePlan plan(range("3-5,1"), settings_);
  for (const std::uint64_t page : {3U, 4U, 5U, 1U}) {
    const auto task = next(plan);
    ASSERT_TRUE(task);
    EXPECT_EQ(task->id, page);
    EXPECT_EQ(task->attempt, 1U);
  }
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, MonoTime::max());
  EXPECT_FALSE(plan.all_settled());
}

TEST_F(PagePlanTest, GivesOutPagesAGapApart) {
  settings_.politeness.host_gap = milliseconds(500);
  PagePlan plan(range("1-4"), settings_);
  EXPECT_EQ(next(plan)->id, 1U) << "the first one at once";
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + milliseconds(500));
  EXPECT_EQ(plan.recorded(page_of(1), kGood, now_), Decision::settled);
  EXPECT_FALSE(next(plan)) << "however soon it came";
  now_ += milliseconds(500);
  EXPECT_EQ(fetch(plan, kMissing), Decision::give_up);
  EXPECT_FALSE(next(plan)) << "whatever came";
  now_ += milliseconds(800);
  EXPECT_EQ(next(plan)->id, 3U);
  EXPECT_EQ(plan.fetcher_died(page_of(3), Strikes::Death::crash, now_), Decision::retry);
  EXPECT_FALSE(next(plan)) << "also for one that is asked for again";
  EXPECT_EQ(wake_at_, now_ + milliseconds(500));
  now_ += milliseconds(500);
  EXPECT_EQ(next(plan)->id, 3U);
  now_ += milliseconds(500);
  EXPECT_EQ(next(plan)->id, 4U);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, MonoTime::max()) << "nothing waits for the gap";
}

TEST_F(PagePlanTest, CountsDoneAndEmptyPagesApart) {
  PagePlan plan(range("1-3"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  EXPECT_EQ(fetch(plan, kEmpty), Decision::settled);
  EXPECT_EQ(plan.counters().done, 1U);
  EXPECT_EQ(plan.counters().empty, 1U);
  EXPECT_EQ(plan.counters().pending(), 1U);
  EXPECT_EQ(plan.waiting(), 1U);
}

TEST_F(PagePlanTest, LeavesOutWhatTheLedgerHasSettled) {
  PagePlan plan(range("1-5"), settings_);
  plan.recall({4, PageState::failed, 5});
  plan.recall({1, PageState::done, 1});
  plan.recall({2, PageState::empty, 1});
  plan.recall({99, PageState::done, 1});  // of no interest
  EXPECT_EQ(next(plan)->id, 3U);
  EXPECT_EQ(next(plan)->id, 5U);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(plan.counters(), (PageCounters{.asked = 5, .done = 1, .empty = 1, .failed = 1}));
}

TEST_F(PagePlanTest, GoesOnCountingTheAttemptsOfAPageThatARunHadBegun) {
  PagePlan plan(range("1"), settings_);
  plan.recall({1, PageState::open, 3});
  EXPECT_EQ(next(plan)->attempt, 4U);
}

TEST_F(PagePlanTest, TriesATemporaryFailureAgainAfterGrowingWaits) {
  PagePlan plan(range("1"), settings_);
  for (const auto wait : {seconds(1), seconds(2), seconds(4), seconds(8)}) {
    EXPECT_EQ(fetch(plan, kBroken), Decision::retry);
    EXPECT_FALSE(next(plan));
    EXPECT_EQ(wake_at_, now_ + wait);
    now_ = wake_at_;
  }
  EXPECT_EQ(fetch(plan, kBroken), Decision::give_up);
  EXPECT_FALSE(plan.all_settled());
  plan.confirm_failure(page_of(1));
  EXPECT_TRUE(plan.all_settled());
  EXPECT_EQ(plan.counters().failed, 1U);
}

TEST_F(PagePlanTest, GivesUpAPermanentFailureAtOnce) {
  PagePlan plan(range("1"), settings_);
  EXPECT_EQ(fetch(plan, kMissing), Decision::give_up);
}

TEST_F(PagePlanTest, WaitsAsLongAsTheServerAsksButNotForEver) {
  PagePlan plan(range("1-2"), settings_);
  EXPECT_EQ(fetch(plan, {Cause::http_status, 500, 0, seconds(30)}), Decision::retry);
  EXPECT_EQ(fetch(plan, {Cause::http_status, 500, 0, seconds(1'000'000)}), Decision::retry);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + seconds(30));
  now_ = wake_at_;
  EXPECT_EQ(next(plan)->id, 1U);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, kStart + settings_.politeness.retry_wait_max);
}

TEST_F(PagePlanTest, GivesDueRetriesBeforeNewPages) {
  PagePlan plan(range("1-3"), settings_);
  EXPECT_EQ(fetch(plan, kBroken), Decision::retry);
  now_ += seconds(1);
  const auto again = next(plan);
  EXPECT_EQ(again->id, 1U);
  EXPECT_EQ(again->attempt, 2U);
  EXPECT_EQ(next(plan)->id, 2U);
}

TEST_F(PagePlanTest, RepeatsAPageAtOnceWhenItsFetcherDied) {
  PagePlan plan(range("1-2"), settings_);
  EXPECT_EQ(next(plan)->id, 1U);
  EXPECT_EQ(plan.fetcher_died(page_of(1), Strikes::Death::crash, now_), Decision::retry);
  const auto again = next(plan);
  EXPECT_EQ(again->id, 1U);
  EXPECT_EQ(again->attempt, 2U);
  plan.repeat(page_of(1), now_);
  EXPECT_EQ(next(plan)->attempt, 3U);
}

TEST_F(PagePlanTest, GivesUpThePageThatKillsItsThirdFetcher) {
  PagePlan plan(range("1"), settings_);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(next(plan));
    EXPECT_EQ(plan.fetcher_died(page_of(1), Strikes::Death::crash, now_), Decision::retry);
  }
  ASSERT_TRUE(next(plan));
  EXPECT_EQ(plan.fetcher_died(page_of(1), Strikes::Death::crash, now_), Decision::give_up);
}

}  // namespace
}  // namespace doutu

// What a plan does while the server of the pages is out of reach.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "tests/crawler/plan/page_plan_fixture.h"

namespace doutu {
namespace {

TEST_F(PagePlanTest, KnowsHowLongAPageIsTriedAgain) {
  settings_.politeness.retries = 7;
  PagePlan plan(range("1-9"), settings_);
  EXPECT_FALSE(plan.patience().is_outage);
  EXPECT_EQ(plan.patience().retries, 7U);
  EXPECT_EQ(plan.patience().span, seconds(1 + 2 + 4 + 8 + 16 + 32 + 60)) << "the last is as long as a wait may be";
  EXPECT_EQ(fetch(plan, kRefused), Decision::retry);
  EXPECT_FALSE(plan.patience().is_outage) << "nothing has answered yet";
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  EXPECT_EQ(fetch(plan, kRefused), Decision::retry);
  EXPECT_TRUE(plan.patience().is_outage);
  EXPECT_EQ(plan.patience().span, settings_.politeness.outage_wait);
}

TEST_F(PagePlanTest, WaitsForNoOutageWhereTheServerAnswersWithAnError) {
  PagePlan plan(range("1-9"), settings_);
  EXPECT_EQ(fetch(plan, kBroken), Decision::retry);
  EXPECT_FALSE(plan.patience().is_outage);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  EXPECT_EQ(fetch(plan, kBroken), Decision::retry);
  EXPECT_FALSE(plan.patience().is_outage) << "it is there";
  EXPECT_EQ(plan.patience().span, seconds(1 + 2 + 4 + 8));
  EXPECT_EQ(fetch(plan, {Cause::http_status, 429, 0, seconds(3)}), Decision::retry);
  EXPECT_TRUE(plan.patience().is_outage) << "one that throttles is waited for";
}

TEST_F(PagePlanTest, WaitsForNoOutageThatHasLastedTooLong) {
  PagePlan plan(range("1-9"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  now_ += settings_.politeness.outage_wait;
  EXPECT_EQ(fetch(plan, kRefused), Decision::retry);
  EXPECT_TRUE(plan.patience().is_outage) << "it begins now, however long ago the last answer came";
  now_ += settings_.politeness.outage_wait;
  EXPECT_EQ(fetch(plan, kRefused), Decision::retry);
  EXPECT_FALSE(plan.patience().is_outage);
}

TEST_F(PagePlanTest, FailsPagesOfAServerThatNeverAnsweredAfterTheNormalRetries) {
  PagePlan plan(range("1"), settings_);
  for (std::uint32_t i = 0; i < settings_.politeness.retries; ++i) {
    EXPECT_EQ(fetch(plan, kRefused), Decision::retry);
    EXPECT_FALSE(next(plan));
    now_ = wake_at_;
  }
  EXPECT_EQ(fetch(plan, kRefused), Decision::give_up);
}

TEST_F(PagePlanTest, TriesEveryPageOfAServerThatNeverAnsweredSoOftenAndAGapApart) {
  settings_.politeness.host_gap = milliseconds(100);
  PagePlan plan(range("1-200"), settings_);
  std::map<std::uint64_t, std::uint32_t> attempts;
  std::size_t most_in_hand = 0;
  for (MonoTime last_start{}; !plan.all_settled();) {
    std::vector<PageTask> in_hand;
    while (in_hand.size() < 4) {
      if (const auto task = next(plan)) {
        EXPECT_GE(now_ - last_start, settings_.politeness.host_gap);
        last_start = now_;
        ++attempts[task->id];
        in_hand.push_back(*task);
      } else if (wake_at_ - now_ <= settings_.politeness.host_gap || in_hand.empty()) {
        now_ = wake_at_;
      } else {
        break;
      }
    }
    most_in_hand = std::max(most_in_hand, in_hand.size());
    for (const PageTask& task : in_hand) {
      if (plan.recorded(task, kRefused, now_) == Decision::give_up) plan.confirm_failure(task);
    }
  }
  EXPECT_EQ(most_in_hand, 4U) << "before it has answered";
  EXPECT_EQ(attempts.size(), 200U);
  for (const auto& [page, times] : attempts) EXPECT_EQ(times, settings_.politeness.retries + 1) << page;
}

TEST_F(PagePlanTest, SitsOutTheOutageOfAServerThatHasAnswered) {
  PagePlan plan(range("1-3"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  int probes = 0;
  for (const MonoTime back = now_ + seconds(1200); now_ < back; now_ = wake_at_) {
    EXPECT_EQ(fetch(plan, kRefused), Decision::retry);
    ++probes;
    ASSERT_FALSE(next(plan)) << "nothing is given out between the probes";
  }
  EXPECT_LT(probes, 40);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  EXPECT_TRUE(plan.all_settled());
}

TEST_F(PagePlanTest, SitsOutNoOutageOfAServerThatAPageRedirectsTo) {
  PagePlan plan(range("1-2"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  const PageResult elsewhere{Cause::dns_failure, 302, 0, seconds(0)};
  for (std::uint32_t i = 0; i < settings_.politeness.retries; ++i) {
    EXPECT_EQ(fetch(plan, elsewhere), Decision::retry);
    now_ += settings_.politeness.retry_wait_max;
  }
  EXPECT_EQ(fetch(plan, elsewhere), Decision::give_up);
}

TEST_F(PagePlanTest, DoesNotSitOutAnOutageForEver) {
  PagePlan plan(range("1-2"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  Decision last = Decision::retry;
  for (int i = 0; i < 200 && last == Decision::retry; ++i) {
    last = fetch(plan, kRefused);
    if (last == Decision::retry && !next(plan)) now_ = wake_at_;
  }
  EXPECT_EQ(last, Decision::give_up);
  EXPECT_GE(now_ - kStart, settings_.politeness.outage_wait);
  EXPECT_LT(now_ - kStart, settings_.politeness.outage_wait + seconds(600));
}

TEST_F(PagePlanTest, GivesOutAnotherWhenOneThatTellsWhetherTheServerIsThereWasBrokenOff) {
  PagePlan plan(range("1-9"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  for (const PageResult& trouble : {kRefused, kThrottled}) {
    EXPECT_EQ(fetch(plan, trouble), Decision::retry);
    EXPECT_FALSE(next(plan));
    now_ = wake_at_;
    const auto dead = next(plan);
    ASSERT_TRUE(dead);
    EXPECT_FALSE(next(plan));
    EXPECT_EQ(plan.fetcher_died(*dead, Strikes::Death::killed, now_), Decision::retry);
    const auto slow = next(plan);
    ASSERT_TRUE(slow);
    EXPECT_FALSE(next(plan));
    plan.confirm_failure(*slow);
    EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  }
}

TEST_F(PagePlanTest, LearnsNothingOfTheServerFromAFetcherThatBrokeTheRules) {
  PagePlan plan(range("1-2"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  EXPECT_EQ(fetch(plan, kRefused), Decision::retry);
  for (std::uint32_t i = 0; i <= settings_.politeness.retries; ++i) {
    now_ += settings_.politeness.retry_wait_max;
    const PageResult broken{Cause::bad_records, 0, 0, seconds(0)};
    EXPECT_EQ(fetch(plan, broken), i < settings_.politeness.retries ? Decision::retry : Decision::give_up)
        << "also in an outage";
  }
}

}  // namespace
}  // namespace doutu

// What a plan does while the server of the pages throttles.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "tests/crawler/plan/page_plan_fixture.h"

namespace doutu {
namespace {

TEST_F(PagePlanTest, TakesABurstOf429ForOneEvent) {
  PagePlan plan(range("1-5"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  const PageResult throttled{Cause::http_status, 429, 0, seconds(10)};
  const auto first = next(plan);
  const auto second = next(plan);
  EXPECT_EQ(plan.recorded(*first, throttled, now_), Decision::retry);
  EXPECT_EQ(plan.recorded(*second, throttled, now_), Decision::retry);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + seconds(1));
}

TEST_F(PagePlanTest, OpensUpGentlyAfterAServerThrottled) {
  PagePlan plan(range("1-30"), settings_);
  const auto first = next(plan);
  const auto second = next(plan);
  EXPECT_EQ(plan.recorded(*first, kGood, now_), Decision::settled);
  EXPECT_EQ(plan.recorded(*second, kThrottled, now_), Decision::retry);
  now_ = kStart + seconds(1);
  for (std::size_t allowed = 1; allowed < 5; ++allowed) {
    std::vector<PageTask> in_hand;
    while (const auto task = next(plan)) in_hand.push_back(*task);
    EXPECT_EQ(in_hand.size(), allowed);
    EXPECT_EQ(wake_at_, MonoTime::max()) << "until one of them has ended";
    for (const PageTask& task : in_hand) EXPECT_EQ(plan.recorded(task, kGood, now_), Decision::settled);
  }
}

TEST_F(PagePlanTest, DoesNotWaitForEverForAServerThatThrottles) {
  PagePlan plan(range("1-100"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  std::uint64_t failed = 0;
  for (int i = 0; failed < 99; ++i) {
    ASSERT_LT(i, 2000);
    const auto task = next(plan);
    if (!task) {
      now_ = wake_at_;
    } else if (plan.recorded(*task, kThrottled, now_) == Decision::give_up) {
      EXPECT_GE(now_ - kStart, 2 * settings_.politeness.outage_wait);
      plan.confirm_failure(*task);
      ++failed;
    }
  }
  EXPECT_LE(now_ - kStart, 3 * settings_.politeness.outage_wait) << "each was tried a few times more";
}

TEST_F(PagePlanTest, IsHeldUpByRetryAfterTheMoreTheMorePagesAreToldSo) {
  PagePlan plan(range("1-9"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  for (const int wait : {1, 8, 64, 512}) {
    EXPECT_EQ(fetch(plan, {Cause::http_status, 429, 0, seconds(600)}), Decision::retry);
    EXPECT_FALSE(next(plan));
    EXPECT_EQ(wake_at_, now_ + seconds(wait));
    now_ = wake_at_;
  }
}

TEST_F(PagePlanTest, LetsAPageWaitAloneThatAloneIsToldTo) {
  PagePlan plan(range("1-60"), settings_);
  const PageResult absurd{Cause::http_status, 429, 0, seconds(99'999)};
  MonoTime others_done{};
  std::uint64_t settled = 0;
  for (bool over = false; !over;) {
    const auto task = next(plan);
    if (!task) {
      now_ = wake_at_;
      continue;
    }
    const Decision decision = plan.recorded(*task, task->id == 1 ? absurd : kGood, now_);
    if (decision == Decision::settled && ++settled == 59) others_done = now_;
    over = decision == Decision::give_up;
  }
  EXPECT_LE(others_done - kStart, seconds(2));
  EXPECT_LE(now_ - kStart, (4 + settings_.politeness.retries + 1) * settings_.politeness.retry_wait_max)
      << "four refusals cost nothing; not for a day, nor for an hour";
}

const PageResult kThrottledElsewhere{Cause::http_status, 429, 0, seconds(99'999), true};

TEST_F(PagePlanTest, IsNotThrottledByAHostThatOnePageIsRedirectedTo) {
  PagePlan plan(range("1-3"), settings_);
  EXPECT_EQ(fetch(plan, kThrottledElsewhere), Decision::retry) << "before any page came";
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  EXPECT_EQ(fetch(plan, kThrottledElsewhere), Decision::retry) << "and after one";
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + settings_.politeness.retry_wait_max);
}

TEST_F(PagePlanTest, IsThrottledByTheHostThatAllPagesAreRedirectedTo) {
  const PageResult busy{Cause::http_status, 429, 0, seconds(1), true};
  for (const bool came : {true, false}) {
    PagePlan plan(range("1-3"), settings_);
    EXPECT_EQ(fetch(plan, came ? PageResult{Cause::none, 200, 5, seconds(0), true} : busy),
              came ? Decision::settled : Decision::retry);
    EXPECT_EQ(fetch(plan, busy), Decision::retry);
    EXPECT_FALSE(next(plan)) << "though there are others";
    EXPECT_EQ(wake_at_, now_ + seconds(1));
  }
}

TEST_F(PagePlanTest, DoesNotHoldAllPagesUpForOneThatAloneIsThrottled) {
  PagePlan plan(range("1-100"), settings_);
  const PageResult throttled{Cause::http_status, 429, 0, seconds(1700)};
  Duration held{};
  std::uint64_t settled = 0;
  std::optional<Decision> of_first;
  while (settled < 99 || of_first != Decision::give_up) {
    const auto task = next(plan);
    if (!task) {
      ASSERT_NE(wake_at_, MonoTime::max());
      if (settled < 99) held += wake_at_ - now_;
      now_ = wake_at_;
      continue;
    }
    const Decision decision = plan.recorded(*task, task->id == 1 ? throttled : kGood, now_);
    task->id == 1 ? void(of_first = decision) : void(++settled);
    now_ += milliseconds(200);
  }
  EXPECT_LT(held, seconds(2));
}

TEST_F(PagePlanTest, LosesNoPageToALimitOfRates) {
  PagePlan plan(range("1-400"), settings_);
  constexpr std::size_t kInHand = 16;
  constexpr std::size_t kAllowed = 5;
  std::mt19937 random(20240229);
  for (int rounds = 0; !plan.all_settled(); ++rounds) {
    ASSERT_LT(rounds, 2000);
    std::vector<PageTask> in_hand;
    while (in_hand.size() < kInHand) {
      const auto task = next(plan);
      if (!task) break;
      in_hand.push_back(*task);
    }
    if (in_hand.empty()) {
      now_ = wake_at_;
      continue;
    }
    std::shuffle(in_hand.begin(), in_hand.end(), random);
    for (std::size_t i = 0; i < in_hand.size(); ++i) {
      ASSERT_NE(plan.recorded(in_hand[i], i < kAllowed ? kGood : kThrottled, now_), Decision::give_up) << in_hand[i].id;
    }
  }
  EXPECT_EQ(plan.counters().done, 400U);
}

/// Ten pages in ten seconds, of which more are in hand.
TEST_F(PagePlanTest, LosesNoPageToASlowLimitOfRates) {
  for (const int allowed : {1, 2, 10}) {
    for (const std::size_t in_hand_at_most : {4U, 16U}) {
      PagePlan plan(range("1-120"), settings_);
      MonoTime window{};
      int used = 0;
      for (int rounds = 0; !plan.all_settled(); ++rounds) {
        ASSERT_LT(rounds, 20'000);
        std::vector<PageTask> in_hand;
        while (in_hand.size() < in_hand_at_most) {
          const auto task = next(plan);
          if (!task) break;
          in_hand.push_back(*task);
        }
        if (in_hand.empty()) now_ = wake_at_;
        now_ += milliseconds(50);
        for (const PageTask& page : in_hand) {
          if (now_ - window >= seconds(10)) {
            window = now_;
            used = 0;
          }
          ASSERT_NE(plan.recorded(page, ++used <= allowed ? kGood : kThrottled, now_), Decision::give_up)
              << page.id << ", " << allowed << " allowed, " << in_hand_at_most << " in hand";
        }
      }
      EXPECT_EQ(plan.counters().done, 120U);
    }
  }
}

TEST_F(PagePlanTest, CountsNoAttemptWhileAServerThrottlesFromTheFirstPageOn) {
  PagePlan plan(range("1"), settings_);
  for (std::uint32_t i = 0; i < 2 * settings_.politeness.retries; ++i) {
    EXPECT_EQ(fetch(plan, {Cause::http_status, 429, 0, seconds(1)}), Decision::retry);
    EXPECT_FALSE(next(plan));
    now_ = wake_at_ + settings_.politeness.retry_wait;
  }
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
}

TEST_F(PagePlanTest, LetsRefusedPagesAndNewOnesTakeTurnsWhileAServerThrottles) {
  PagePlan plan(range("1-9"), settings_);
  EXPECT_EQ(fetch(plan, kGood), Decision::settled);
  for (const std::uint64_t page : {2U, 3U, 4U, 2U, 5U}) {
    const auto task = next(plan);
    ASSERT_TRUE(task);
    EXPECT_EQ(task->id, page);
    EXPECT_EQ(plan.recorded(*task, kThrottled, now_), Decision::retry);
    EXPECT_FALSE(next(plan));
    now_ = wake_at_;
  }
}

}  // namespace
}  // namespace doutu

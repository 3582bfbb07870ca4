#include "crawler/plan/page_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "crawler/plan/range_pages.h"

namespace doutu {
namespace {

using Decision = PagePlan::Decision;

constexpr MonoTime kStart{seconds(1000)};
const PageResult kGood{Cause::none, 200, 5, seconds(0)};
const PageResult kEmpty{Cause::none, 200, 0, seconds(0)};
const PageResult kMissing{Cause::http_status, 404, 0, seconds(0)};
const PageResult kBroken{Cause::http_status, 500, 0, seconds(0)};
const PageResult kRefused{Cause::connection_refused, 0, 0, seconds(0)};
const PageResult kThrottled{Cause::http_status, 429, 0, seconds(0)};

std::unique_ptr<PageSource> range(const char* text) {
  return std::make_unique<RangePages>(PageRange::parse(text).value(),
                                      UrlTemplate::parse("http://site.example/{page}").value());
}
/// A page that was given out.
PageTask page_of(std::uint64_t id) { return {.id = id, .attempt = 1, .url = "http://site.example/"}; }

class PagePlanTest : public testing::Test {
 protected:
  std::optional<PageTask> next(PagePlan& plan) { return plan.next(now_, wake_at_); }
  /// Takes the next page, which must be there, and ends its attempt.
  Decision fetch(PagePlan& plan, const PageResult& result) {
    const auto task = next(plan);
    EXPECT_TRUE(task.has_value());
    return task ? plan.recorded(*task, result, now_) : Decision::settled;
  }

  CrawlSettings settings_;
  MonoTime now_ = kStart;
  MonoTime wake_at_{};
};

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
  EXPECT_EQ(plan.fetcher_died(page_of(3), Strikes::Death::crash), Decision::retry);
  EXPECT_FALSE(next(plan)) << "also for one that is asked for again";
  EXPECT_EQ(wake_at_, now_ + milliseconds(500));
  now_ += milliseconds(500);
  EXPECT_EQ(next(plan)->id, 3U);
  now_ += milliseconds(500);
  EXPECT_EQ(next(plan)->id, 4U);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, MonoTime::max()) << "nothing waits for the gap";
}

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
  EXPECT_EQ(plan.fetcher_died(page_of(1), Strikes::Death::crash), Decision::retry);
  const auto again = next(plan);
  EXPECT_EQ(again->id, 1U);
  EXPECT_EQ(again->attempt, 2U);
  plan.repeat(page_of(1));
  EXPECT_EQ(next(plan)->attempt, 3U);
}

TEST_F(PagePlanTest, GivesUpThePageThatKillsItsThirdFetcher) {
  PagePlan plan(range("1"), settings_);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(next(plan));
    EXPECT_EQ(plan.fetcher_died(page_of(1), Strikes::Death::crash), Decision::retry);
  }
  ASSERT_TRUE(next(plan));
  EXPECT_EQ(plan.fetcher_died(page_of(1), Strikes::Death::crash), Decision::give_up);
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
    EXPECT_EQ(plan.fetcher_died(*dead, Strikes::Death::killed), Decision::retry);
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

#include "downloader/schedule/frontier.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/downloader/schedule/frontier_scene.h"

namespace doutu {
namespace {

TEST_F(FrontierTest, GivesTheImagesOfAHostInTheirOrder) {
  add(1, 5);
  EXPECT_EQ(ids_of(all()), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(wait_.until, MonoTime::max());
  EXPECT_EQ(frontier().in_flight(), 5U);
}

TEST_F(FrontierTest, RunsLowWhenFewerWaitThanGoIntoABatch) {
  constexpr std::int64_t kFew = Frontier::kFullBatch;
  add(1, kFew - 1);
  EXPECT_TRUE(frontier().runs_low());
  add(kFew, kFew + 2);
  EXPECT_FALSE(frontier().runs_low());
  auto first = next();
  auto second = next();
  EXPECT_FALSE(frontier().runs_low());
  auto third = next();
  EXPECT_TRUE(frontier().runs_low()) << "what is in flight does not wait";
  add(kFew + 3, kFew + 3);
  frontier().finished(*first, kFine, now_);
  EXPECT_FALSE(frontier().runs_low()) << "nor does what has ended";
}

TEST_F(FrontierTest, RunsLowWhenALoopFoundNothingWhateverWaits) {
  settings_.politeness.max_per_host = 1;
  add(1, 2 * static_cast<std::int64_t>(Frontier::kFullBatch));
  const auto task = next();
  EXPECT_FALSE(frontier().runs_low());
  EXPECT_FALSE(next());
  EXPECT_TRUE(frontier().runs_low());
  finish(*task);
  EXPECT_FALSE(frontier().runs_low()) << "another may start";
}

TEST_F(FrontierTest, GivesEachHostItsTurn) {
  add(1, 3, 1);
  add(11, 12, 2);
  add(21, 21, 3);
  EXPECT_EQ(ids_of(all()), (std::vector<std::int64_t>{1, 11, 21, 2, 12, 3}));
}

TEST_F(FrontierTest, KeepsToTheLimitOfAHost) {
  settings_.politeness.max_per_host = 2;
  add(1, 3, 1);
  add(11, 13, 2);
  auto tasks = all();
  EXPECT_EQ(ids_of(tasks), (std::vector<std::int64_t>{1, 11, 2, 12}));
  finish(std::move(tasks[0]));
  EXPECT_EQ(ids_of(all()), (std::vector<std::int64_t>{3}));
}

TEST_F(FrontierTest, AsksNothingMoreOfAHostThatHasSentEnough) {
  settings_.limits.max_host_bytes = 1000;
  settings_.politeness.max_per_host = 1;
  AttemptResult large = kFine;
  large.bytes = 600;
  add(1, 4, 1);
  add(11, 11, 2);
  finish(*next(), large);
  finish(*next(), large);  // of the other host
  auto second = next();
  EXPECT_EQ(second->given_up.cause, Cause::none) << "600 of 1000";
  finish(*second, large);
  for (const std::int64_t id : {3, 4}) {
    const auto untried = next();
    ASSERT_TRUE(untried);
    EXPECT_EQ(untried->id, id);
    EXPECT_EQ(untried->given_up.cause, Cause::host_limit);
    EXPECT_EQ(finish(*untried, {untried->given_up.cause}).kind, Kind::failed);
  }
  add(12, 12, 2);
  EXPECT_EQ(next()->given_up.cause, Cause::none) << "another host's bytes are its own";
}

TEST_F(FrontierTest, RemembersWhatAHostThatWasForgottenHasSent) {
  settings_.limits.max_host_bytes = 1000;
  AttemptResult large = kFine;
  large.bytes = 1000;
  add(1, 1);
  finish(*next(), large);
  now_ += seconds(100'000);
  EXPECT_FALSE(next());  // forgets what has nothing more to tell
  add(2, 2);
  EXPECT_EQ(next()->given_up.cause, Cause::host_limit);
}

TEST_F(FrontierTest, SaysWhenAGapIsOver) {
  settings_.politeness.host_gap = milliseconds(100);
  add(1, 2);
  EXPECT_EQ(all().size(), 1U);
  EXPECT_EQ(wait_.until, now_ + milliseconds(100));
  now_ = wait_.until;
  EXPECT_EQ(ids_of(all()), (std::vector<std::int64_t>{2}));
}

TEST_F(FrontierTest, TriesAgainWithGrowingWaitsAndThenGivesUp) {
  add(1, 1);
  for (std::uint32_t attempt = 1; attempt <= 4; ++attempt) {
    const Verdict verdict = finish(*next(), kBroken);
    EXPECT_EQ(verdict.kind, Kind::retry);
    EXPECT_EQ(verdict.attempts, attempt);
    EXPECT_GE(verdict.next_attempt - now_, milliseconds(500) * (1U << (attempt - 1)));
    EXPECT_FALSE(next());
    EXPECT_EQ(wait_.until, verdict.next_attempt);
    now_ = wait_.until;
  }
  const Verdict last = finish(*next(), kBroken);
  EXPECT_EQ(last.kind, Kind::failed);
  EXPECT_EQ(last.attempts, 5U);
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, MonoTime::max());
}

TEST_F(FrontierTest, TriesAHostThatItGaveUpNowAndThen) {
  settings_.politeness.retries = 0;
  add_strange(1, 8);
  for (int round = 0; round < 3; ++round) EXPECT_EQ(finish(*next(), kRefused).kind, Kind::failed);
  const auto untried = next();
  ASSERT_TRUE(untried);
  EXPECT_EQ(untried->given_up.cause, Cause::connection_refused);
  const Verdict verdict = finish(*untried, {untried->given_up.cause});
  EXPECT_EQ(verdict.kind, Kind::failed);
  EXPECT_EQ(verdict.attempts, 0U);

  now_ += settings_.politeness.retry_wait_max;
  const auto probe = next();
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->given_up.cause, Cause::none);
  EXPECT_FALSE(next()) << "one at a time";
  EXPECT_EQ(finish(*probe, kFine).kind, Kind::fetched);
  EXPECT_EQ(next()->given_up.cause, Cause::none) << "an answer ends it";
}

TEST_F(FrontierTest, GivesNoHostUpForTheAttemptsOfAnEarlierRun) {
  ImageTask tired = job_of(1);
  tired.attempts = settings_.politeness.retries;
  frontier().add(std::move(tired));
  add_strange(2, 4);
  EXPECT_EQ(finish(*next(), kRefused).kind, Kind::failed);
  for (const ImageTask& task : all()) EXPECT_EQ(task.given_up.cause, Cause::none) << task.id;
}

TEST_F(FrontierTest, GivesUpOnlyWhatDoesNotReachAHostThatItGaveUp) {
  settings_.politeness.retries = 2;
  add_strange(1, 20);
  // It comes back, and at first accepts and resets.
  while (true) {
    auto task = next();
    if (!task) {
      now_ = wait_.until;
      continue;
    }
    if (task->given_up.cause != Cause::none) {
      (void)finish(*task, {task->given_up.cause});
      break;
    }
    (void)finish(*task, kRefused);
  }
  now_ += settings_.politeness.retry_wait_max;
  auto probe = next();
  ASSERT_TRUE(probe && probe->given_up.cause == Cause::none);
  probe->attempts = 0;
  EXPECT_EQ(finish(*probe, {Cause::connection_lost}).kind, Kind::retry) << "it was reached";
}

TEST_F(FrontierTest, FailsAtOnceWhatCannotGetBetter) {
  add(1, 1);
  const Verdict verdict = finish(*next(), kNotFound);
  EXPECT_EQ(verdict.kind, Kind::failed);
  EXPECT_EQ(verdict.attempts, 1U);
}

TEST_F(FrontierTest, GoesOnCountingTheAttemptsOfAnEarlierRun) {
  ImageTask task = job_of(1);
  task.attempts = 4;
  task.not_before = now_ + seconds(7);
  frontier().add(std::move(task));
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, now_ + seconds(7));
  EXPECT_EQ(wait_.reason, ImageWait::retry);
  now_ = wait_.until;
  EXPECT_EQ(finish(*next(), kBroken).kind, Kind::failed);
}

TEST_F(FrontierTest, TakesNoAttemptForThrottling) {
  add(1, 4);
  for (ImageTask& task : all()) {
    const Verdict verdict = finish(std::move(task), kThrottled);
    EXPECT_EQ(verdict.kind, Kind::retry);
    EXPECT_EQ(verdict.attempts, 0U);
  }
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, now_ + seconds(1));
  EXPECT_EQ(wait_.reason, ImageWait::throttled);
  now_ = wait_.until;
  auto probe = next();
  ASSERT_TRUE(probe);
  EXPECT_FALSE(next());
  EXPECT_EQ(finish(*std::move(probe)).attempts, 1U);
  EXPECT_EQ(all().size(), 2U);
}

TEST_F(FrontierTest, PutsBackWhatWasBrokenOffAsIfItNeverHappened) {
  add(1, 2);
  auto task = next();
  frontier().put_back(*std::move(task), now_);
  EXPECT_EQ(frontier().in_flight(), 0U);
  const auto tasks = all();
  EXPECT_EQ(ids_of(tasks), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(tasks[0].attempts, 0U);
}

TEST_F(FrontierTest, GivesNothingWhilePausedOrStopped) {
  add(1, 2);
  frontier().set_paused(true);
  EXPECT_FALSE(next());
  const int before = calls_;
  frontier().set_paused(false);
  EXPECT_EQ(calls_, before + 1);
  EXPECT_TRUE(next());
  frontier().stop();
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, MonoTime::max());
}

TEST_F(FrontierTest, HoldsBackWhenTheLedgerFallsBehind) {
  add(1, 1000);
  for (std::size_t i = 0; i < Frontier::kMaxUncommitted; ++i) frontier().finished(*next(), kFine, now_);
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.reason, ImageWait::commit);
  const int before = calls_;
  commit({1});
  EXPECT_EQ(calls_, before + 1);
  EXPECT_TRUE(next());
}

TEST_F(FrontierTest, CallsALoopThatFoundNothing) {
  EXPECT_FALSE(next());
  add(1, 10);
  EXPECT_EQ(calls_, 1);  // Once is enough: whoever comes takes what there is.
  all();
  add(11, 11);
  EXPECT_EQ(calls_, 2);
}

TEST_F(FrontierTest, CallsALoopWhenAnEarlierTimeTurnsUp) {
  ImageTask late = job_of(1);
  late.not_before = now_ + seconds(60);
  frontier().add(std::move(late));
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, now_ + seconds(60));
  ImageTask early = job_of(2, 2);
  early.not_before = now_ + seconds(5);
  frontier().add(std::move(early));
  EXPECT_EQ(calls_, 1);
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, now_ + seconds(5));
}

TEST_F(FrontierTest, RunsASuspectAlone) {
  frontier().set_suspects({2});
  add(1, 3);
  auto first = next();
  ASSERT_TRUE(first);
  EXPECT_FALSE(next());
  finish(*std::move(first));
  auto suspect = next();
  ASSERT_TRUE(suspect);
  EXPECT_EQ(suspect->id, 2);
  EXPECT_FALSE(next());
  EXPECT_EQ(finish(*std::move(suspect), kBroken).kind, Kind::retry);
  EXPECT_EQ(ids_of(all()), (std::vector<std::int64_t>{3}));
  now_ += seconds(1);
  EXPECT_TRUE(next());  // It did not kill anyone: a suspect no longer.
}

// --- Servers that tell to wait.

TEST_F(FrontierTest, LetsAnImageThatAloneIsToldToWaitNoLongerThanImagesDo) {
  add(1, 90);
  auto tasks = all();
  const AttemptResult absurd{Cause::http_status, 429, seconds(99'999)};
  for (std::size_t i = 1; i < 30; ++i) finish(std::move(tasks[i]));
  ImageTask task = std::move(tasks[0]);
  for (const std::uint32_t attempts : {0U, 0U, 0U, 0U, 0U, 1U, 2U}) {
    const Verdict verdict = finish(task, absurd);
    EXPECT_GE(verdict.next_attempt, now_ + seconds(60));
    EXPECT_LE(verdict.next_attempt, now_ + seconds(60) + milliseconds(100));
    EXPECT_EQ(verdict.attempts, attempts);
    EXPECT_FALSE(next());
    EXPECT_EQ(wait_.reason, ImageWait::throttled) << "though not its host";
    now_ = verdict.next_attempt;
    task = next().value();
    EXPECT_EQ(task.id, 1);
  }
}

TEST_F(FrontierTest, BelievesNoImageThatItMustWaitForAnHour) {
  add(1, 1);
  const MonoTime began = now_;
  for (auto task = next(); task; task = next()) {
    const Verdict verdict = finish(*task, {Cause::http_status, 500, seconds(99'999)});
    if (verdict.kind == Kind::retry) now_ = verdict.next_attempt;
  }
  EXPECT_LE(now_ - began, std::chrono::minutes(4));
}

}  // namespace
}  // namespace doutu

#include "downloader/schedule/frontier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace doutu {
namespace {

using Kind = ImageOutcome::Kind;

constexpr AttemptResult kFine{Cause::none, 200};
constexpr AttemptResult kNotFound{Cause::http_status, 404};
constexpr AttemptResult kBroken{Cause::http_status, 500};
constexpr AttemptResult kThrottled{Cause::http_status, 429};
constexpr AttemptResult kRefused{Cause::connection_refused};

ImageTask job_of(std::int64_t id, std::int64_t host = 1) {
  ImageTask task;
  task.id = id;
  task.host = host;
  task.url = "http://h" + std::to_string(host) + ".test/" + std::to_string(id);
  return task;
}

std::string name_of(std::int64_t host) { return "http://h" + std::to_string(host) + ".test:80"; }

class FrontierTest : public testing::Test {
 protected:
  FrontierTest() { settings_.pool.downloaders = 10'000; }

  Frontier& frontier() {
    if (!frontier_) frontier_.emplace(settings_, [this] { ++calls_; });
    return *frontier_;
  }
  /// Of a host that has answered a page.
  void add(std::int64_t first, std::int64_t last, std::int64_t host = 1) {
    frontier().answered(std::vector{name_of(host)}, now_);
    add_strange(first, last, host);
  }
  void add_strange(std::int64_t first, std::int64_t last, std::int64_t host = 1) {
    for (std::int64_t id = first; id <= last; ++id) frontier().add(job_of(id, host));
  }
  std::optional<ImageTask> next() { return frontier().next(now_, wait_); }
  /// Everything that may start now, in flight.
  std::vector<ImageTask> all() {
    std::vector<ImageTask> tasks;
    while (auto task = next()) tasks.push_back(*std::move(task));
    return tasks;
  }
  std::vector<std::int64_t> ids_of(const std::vector<ImageTask>& tasks) {
    std::vector<std::int64_t> ids;
    for (const ImageTask& task : tasks) ids.push_back(task.id);
    return ids;
  }
  void commit(const std::vector<std::int64_t>& outcomes) { frontier().committed(outcomes); }
  Verdict finish(ImageTask task, const AttemptResult& result = kFine) {
    const std::int64_t id = task.id;
    const Verdict verdict = frontier().finished(std::move(task), result, now_);
    commit({verdict.kind == Kind::retry ? 0 : id});
    return verdict;
  }

  CrawlSettings settings_;
  MonoTime now_{seconds(1000)};
  Frontier::Wait wait_{};
  int calls_ = 0;
  std::optional<Frontier> frontier_;
};

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
  for (int epoch = 0; epoch < 3; ++epoch) EXPECT_EQ(finish(*next(), kRefused).kind, Kind::failed);
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

// --- The window.

/// What the ledger does: answers each wanted refill from rows first..last of the host.
void refill(Frontier& frontier, std::int64_t last) {
  for (const Frontier::Refill& wanted : frontier.wanted_refills()) {
    std::vector<ImageTask> tasks;
    for (std::int64_t id = wanted.after_id + 1; id <= last && tasks.size() < wanted.room; ++id) {
      tasks.push_back(job_of(id, wanted.host));
    }
    frontier.refill(wanted, std::move(tasks));
  }
}

TEST_F(FrontierTest, HoldsOnlyAWindowOfAHostAndAsksForMore) {
  constexpr std::int64_t kLast = 5000;
  add(1, kLast);
  std::vector<std::int64_t> seen;
  std::size_t refills = 0;
  while (auto task = next()) {
    seen.push_back(task->id);
    finish(*std::move(task));
    for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
      ++refills;
      EXPECT_LE(wanted.room, Frontier::kWindow);
      std::vector<ImageTask> tasks;
      for (std::int64_t id = wanted.after_id + 1; id <= kLast && tasks.size() < wanted.room; ++id)
        tasks.push_back(job_of(id));
      frontier().refill(wanted, std::move(tasks));
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kLast));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_GE(refills, 7U);
  EXPECT_LE(refills, 12U);
}

TEST_F(FrontierTest, TakesRowsThatAreAddedWhileARefillIsOnItsWay) {
  add(1, 1500);
  for (std::int64_t id = 1; id <= 600; ++id) finish(*next());
  const auto wanted = frontier().wanted_refills();
  ASSERT_EQ(wanted.size(), 1U);
  EXPECT_EQ(wanted[0].after_id, 1024);
  EXPECT_TRUE(frontier().wanted_refills().empty());
  add(1501, 1501);  // After the ledger was read.
  std::vector<ImageTask> rows;
  for (std::int64_t id = 1025; id <= 1500; ++id) rows.push_back(job_of(id));
  frontier().refill(wanted[0], std::move(rows));
  std::int64_t last = 0;
  while (auto task = next()) {
    last = task->id;
    finish(*std::move(task));
    refill(frontier(), 1501);
  }
  EXPECT_EQ(last, 1501);
}

TEST_F(FrontierTest, TakesAnOldRowThatBecamePendingAgain) {
  add(1000, 1010);
  add(5, 5);
  const auto tasks = all();
  EXPECT_EQ(tasks.size(), 12U);
  EXPECT_EQ(tasks.back().id, 5);
}

TEST_F(FrontierTest, GoesBackForAnOldRowWhenItsWindowIsFull) {
  add(100, 1300);
  add(5, 5);
  std::vector<std::int64_t> seen;
  while (auto task = next()) {
    seen.push_back(task->id);
    finish(*std::move(task));
    for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
      std::vector<ImageTask> rows;  // Pending in the ledger: what has not been seen.
      for (std::int64_t id = wanted.after_id + 1; id <= 1300 && rows.size() < wanted.room; ++id) {
        if ((id == 5 || id >= 100) && std::ranges::find(seen, id) == seen.end()) rows.push_back(job_of(id));
      }
      frontier().refill(wanted, std::move(rows));
    }
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen.size(), 1202U);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST_F(FrontierTest, TakesNoImageTwice) {
  add(1, 3);
  add(1, 3);
  auto tasks = all();
  EXPECT_EQ(tasks.size(), 3U);
  add(1, 3);  // In flight.
  EXPECT_FALSE(next());
  frontier().finished(std::move(tasks[0]), kFine, now_);
  add(1, 1);  // Settled, but the ledger does not know yet.
  EXPECT_FALSE(next());
}

TEST_F(FrontierTest, ReadsAHostOfAnEarlierRunWholeThoughNewRowsCameFirst) {
  frontier().expect_hosts({});
  add(501, 510);  // New, while 1 to 500 are left of an earlier run.
  EXPECT_FALSE(next());
  ASSERT_TRUE(frontier().wants_hosts());
  frontier().add_hosts(std::vector<HostRow>{{1, name_of(1)}});
  EXPECT_FALSE(frontier().wants_hosts());
  refill(frontier(), 510);
  std::size_t seen = 0;
  while (auto task = next()) {
    ++seen;
    finish(*std::move(task));
    refill(frontier(), 510);
  }
  EXPECT_EQ(seen, 510U);
}

TEST_F(FrontierTest, HoldsNoMoreHostsThanThereIsRoomForAndMeetsTheOthersLater) {
  const auto hosts = static_cast<std::int64_t>(Frontier::kMaxHosts) * 3;
  for (std::int64_t host = 1; host <= hosts; ++host) add_strange(host, host, host);
  std::int64_t done = 0;
  while (done < hosts) {
    std::int64_t held = 0;
    while (auto task = next()) {
      EXPECT_EQ(task->id, ++done) << "each once, in turn";
      ++held;
      finish(*std::move(task));
    }
    ASSERT_GT(held, 0);
    EXPECT_LE(held, static_cast<std::int64_t>(Frontier::kMaxHosts));
    now_ += seconds(1);
    EXPECT_FALSE(next()) << "and forgets those that are done";
    if (!frontier().wants_hosts()) break;
    std::vector<HostRow> rest;
    for (std::int64_t host = done + 1; host <= hosts && rest.size() < Frontier::kMaxHosts; ++host) {
      rest.push_back({host, name_of(host)});
    }
    frontier().add_hosts(rest);
    for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
      frontier().refill(wanted, {job_of(wanted.host, wanted.host)});
    }
  }
  EXPECT_EQ(done, hosts);
}

TEST_F(FrontierTest, MeetsAllHostsInTurnWhateverBecomesOfTheFirst) {
  std::vector<HostRow> first;
  for (std::size_t i = 1; i <= Frontier::kMaxHosts; ++i) {
    const auto host = static_cast<std::int64_t>(i);
    first.push_back({host, name_of(host)});
  }
  frontier().expect_hosts({});
  EXPECT_EQ(frontier().hosts_after(), 0);
  frontier().add_hosts(first);
  EXPECT_EQ(frontier().hosts_after(), first.back().id);
  for (const Frontier::Refill& wanted : frontier().wanted_refills()) frontier().refill(wanted, {});
  now_ += seconds(1);
  EXPECT_FALSE(next());
  ASSERT_TRUE(frontier().wants_hosts());
  frontier().add_hosts(std::vector<HostRow>{{9000, name_of(9000)}});
  EXPECT_EQ(frontier().hosts_after(), 0);
  EXPECT_TRUE(frontier().wants_hosts()) << "the first may have rows again";
  frontier().add_hosts(std::vector<HostRow>{{1, name_of(1)}});
  EXPECT_FALSE(frontier().wants_hosts());
}

TEST_F(FrontierTest, KnowsWhichOutcomesWereCommitted) {
  add(1, 2);
  auto first = next();
  auto second = next();
  frontier().finished(*std::move(first), kFine, now_);
  frontier().finished(*std::move(second), kFine, now_);
  commit({2});  // Two loops: what ended first is not always what is recorded first.
  add(1, 1);
  EXPECT_FALSE(next()) << "its row is pending until it is recorded, and it has been fetched";
}

TEST_F(FrontierTest, HoldsLittleOfEachHostWhenThereAreMany) {
  for (std::int64_t host = 1; host <= 100; ++host) add(host * 10'000, host * 10'000 + 1999, host);
  std::size_t held = 0;
  settings_.pool.downloaders = 1;
  while (next()) ++held;
  EXPECT_LE(held, Frontier::kMaxHeld + 100 * Frontier::kLeastWindow);
  EXPECT_GE(held, Frontier::kMaxHeld);
}

// --- Strangers.

TEST_F(FrontierTest, GivesAHostOneSlotUntilItAnswers) {
  add_strange(1, 5);
  auto first = next();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_first);
  EXPECT_FALSE(next());
  const int before = calls_;
  frontier().answered(*first, now_);
  EXPECT_EQ(calls_, before + 1);
  EXPECT_EQ(all().size(), 4U) << "though the rest of the first is still on its way";
}

TEST_F(FrontierTest, TakesAPageForAnAnswer) {
  add_strange(1, 5);
  EXPECT_EQ(all().size(), 1U);
  frontier().answered(std::vector{name_of(2), name_of(1)}, now_);
  EXPECT_EQ(all().size(), 4U);
  add_strange(11, 13, 2);
  EXPECT_EQ(all().size(), 3U) << "also one that came before its images";
}

TEST_F(FrontierTest, RemembersThatAForgottenHostHasAnswered) {
  add_strange(1, 1);
  finish(*next());
  now_ += seconds(1);
  EXPECT_FALSE(next());
  add_strange(2, 4);
  EXPECT_EQ(all().size(), 3U);
}

TEST_F(FrontierTest, KnowsHostsThatAnsweredInAnEarlierRun) {
  frontier().expect_hosts(std::vector<HostRow>{{1, name_of(1)}, {0, name_of(2)}});
  frontier().add_hosts(std::vector<HostRow>{{1, name_of(1)}, {2, name_of(2)}, {3, name_of(3)}});
  for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
    std::vector<ImageTask> rows;
    for (std::int64_t i = 0; i < 5; ++i) rows.push_back(job_of(wanted.host * 10 + i, wanted.host));
    frontier().refill(wanted, std::move(rows));
  }
  const auto tasks = all();
  EXPECT_EQ(std::ranges::count(tasks, 1, &ImageTask::host), 5);
  EXPECT_EQ(std::ranges::count(tasks, 2, &ImageTask::host), 5) << "of a page";
  EXPECT_EQ(std::ranges::count(tasks, 3, &ImageTask::host), 1) << "a stranger";
}

TEST_F(FrontierTest, LeavesStrangersAQuarterOfTheSlots) {
  settings_.pool.downloaders = 8;
  for (std::int64_t host = 2; host <= 9; ++host) add_strange(host * 100, host * 100 + 9, host);
  add(1, 100);
  std::vector<ImageTask> tasks;
  while (tasks.size() < 8) tasks.push_back(*next());
  EXPECT_EQ(std::ranges::count(tasks, 1, &ImageTask::host), 6);
  for (ImageTask& task : tasks) {
    if (task.host == 1) finish(std::move(task));
  }
  for (int i = 0; i < 6; ++i) EXPECT_EQ(next()->host, 1);
}

TEST_F(FrontierTest, WakesForStrangersWhenTheSoundNeedTheirSlotsNoMore) {
  settings_.pool.downloaders = 8;
  add(1, 1);
  for (std::int64_t host = 2; host <= 9; ++host) add_strange(host * 100, host * 100 + 9, host);
  std::vector<ImageTask> tasks = all();
  EXPECT_EQ(tasks.size(), 3U);
  const MonoTime ended = now_ += seconds(1);
  finish(std::move(*std::ranges::find(tasks, 1, &ImageTask::host)));
  EXPECT_FALSE(next()) << "its next page may be near";
  EXPECT_EQ(wait_.until, ended + settings_.http.connect_timeout / 2);
  now_ = wait_.until;
  EXPECT_EQ(all().size(), 6U);
}

TEST_F(FrontierTest, FindsRoomForAHostThatAnswersAmongThousandsThatDoNot) {
  const auto hosts = static_cast<std::int64_t>(Frontier::kMaxHosts) * 2;
  for (std::int64_t host = 2; host <= hosts; ++host) add_strange(host, host, host);
  add(hosts + 1, hosts + 20);
  for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
    std::vector<ImageTask> rows;  // Of all that are not known here, all rows come from the ledger.
    for (std::int64_t id = hosts + 1; id <= hosts + 20 && wanted.host == 1; ++id) rows.push_back(job_of(id));
    frontier().refill(wanted, std::move(rows));
  }
  std::int64_t good = 0;
  for (const ImageTask& task : all()) good += task.host == 1 && task.id > hosts ? 1 : 0;
  EXPECT_EQ(good, 20);
}

// --- Redirects to other hosts.

class Redirects : public FrontierTest {
 protected:
  void redirect(ImageTask task, std::int64_t to) {
    task.detour.url = "http://h" + std::to_string(to) + ".test/elsewhere";
    task.detour.redirects = 1;
    frontier().redirected(std::move(task), now_);
  }
  void redirect_all(std::int64_t to) {
    for (ImageTask& task : all()) redirect(std::move(task), to);
  }
};

TEST_F(Redirects, GiveTheSlotBackAndTakeTheirTurnThere) {
  settings_.politeness.max_per_host = 1;
  add(1, 2);
  redirect_all(2);
  EXPECT_EQ(frontier().in_flight(), 0U);
  const auto tasks = all();
  ASSERT_EQ(ids_of(tasks), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(tasks[0].detour.url, "http://h2.test/elsewhere");
  EXPECT_EQ(tasks[1].detour.url, "");
}

TEST_F(Redirects, HoldNoSlotsOfTheHostThatTheyComeFrom) {
  settings_.pool.downloaders = 8;
  add(1, 100);
  std::vector<ImageTask> dead;
  for (int i = 0; i < 50; ++i) {
    auto task = next();
    ASSERT_TRUE(task);
    if (task->detour.host != 0) {
      dead.push_back(*std::move(task));
    } else {
      redirect(*task, 100 + i % 10);
    }
  }
  EXPECT_EQ(dead.size(), 2U);
  EXPECT_EQ(next()->host, 1);
}

TEST_F(Redirects, AreThrottledWhereTheyLead) {
  add(1, 1);
  redirect_all(2);
  auto there = next();
  ASSERT_EQ(there->detour.url, "http://h2.test/elsewhere");
  add(2, 20);
  EXPECT_EQ(finish(*std::move(there), {Cause::http_status, 429, seconds(99'999)}).attempts, 0U);
  EXPECT_EQ(all().size(), 19U) << "the host that redirected goes on";
  add_strange(31, 33, 2);
  EXPECT_FALSE(next()) << "but the other does not";
  EXPECT_EQ(wait_.until, now_ + seconds(1));
  EXPECT_EQ(wait_.reason, ImageWait::throttled);
}

TEST_F(Redirects, GoHomeWhenTheyFail) {
  add(1, 1);
  redirect_all(2);
  now_ += seconds(1);  // Meanwhile its own host has nothing more, and is forgotten.
  auto there = next();
  now_ += seconds(10);
  const Verdict verdict = finish(*std::move(there), {Cause::connect_timeout});
  EXPECT_EQ(verdict.kind, Kind::retry);
  EXPECT_EQ(verdict.attempts, 1U);
  now_ = verdict.next_attempt;
  const auto again = next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->detour.url, "");
  EXPECT_EQ(again->detour.host, 0);
}

TEST_F(Redirects, AreAskedForAgainWhenTheyWaitedLong) {
  add(1, 9);
  redirect_all(2);
  auto there = next();
  ASSERT_TRUE(there);
  EXPECT_FALSE(next());
  now_ += Frontier::kDetourKept + seconds(1);
  finish(*std::move(there), {Cause::connect_timeout});
  const auto other = next();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->detour.url, "") << "what it was told may be void by now";
  EXPECT_FALSE(next()) << "the others wait until it is back";
}

TEST_F(Redirects, AreFollowedTheSecondTimeHoweverLongTheyWaited) {
  add(1, 1);
  redirect_all(2);
  now_ += Frontier::kDetourKept + seconds(1);
  auto again = next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->detour.url, "");
  redirect(*again, 2);
  now_ += Frontier::kDetourKept + seconds(1);
  const auto there = next();
  ASSERT_TRUE(there);
  EXPECT_EQ(there->detour.url, "http://h2.test/elsewhere");
}

TEST_F(Redirects, GoHomeWhenTooManyWait) {
  const auto most = static_cast<std::int64_t>(Detours::kMostOfHost);
  for (std::int64_t id = 1; id <= most + 1; ++id) add(id, id, 10 + id % 2);
  std::vector<ImageTask> tasks = all();
  ASSERT_EQ(tasks.size(), static_cast<std::size_t>(most + 1));
  for (ImageTask& task : tasks) redirect(std::move(task), 2);
  add(most + 2, most + 3, 10 + (most + 1) % 2);
  EXPECT_NE(next()->detour.host, 0);
  EXPECT_FALSE(next()) << "one at a time there, and who redirected the last one waits";
  now_ = wait_.until;
  const auto again = all();
  ASSERT_EQ(again.size(), 3U);
  const auto last = std::ranges::find(again, most + 1, &ImageTask::id);
  ASSERT_NE(last, again.end());
  EXPECT_EQ(last->detour.url, "");
  EXPECT_EQ(last->attempts, 0U) << "that costs nothing";
}

TEST_F(Redirects, OfOneHostLeaveRoomForThoseOfOthers) {
  const auto most = static_cast<std::int64_t>(Detours::kMostOfHost);
  add(1, most, 1);
  for (ImageTask& task : all()) redirect(std::move(task), 1000 + task.id % 8);
  add(most + 1, most + 1, 2);
  for (ImageTask& task : all()) {
    if (task.host == 2) redirect(std::move(task), 3000);
  }
  const auto there = next();
  ASSERT_TRUE(there);
  EXPECT_EQ(there->detour.url, "http://h3000.test/elsewhere");
}

TEST_F(Redirects, TakeNoRoomFromHostsThatPagesName) {
  settings_.pool.downloaders = 40'000;
  for (std::int64_t host = 1; host <= 4; ++host) {
    const auto most = static_cast<std::int64_t>(Detours::kMostOfHost);
    add(host * 2000, host * 2000 + most - 1, host);
    for (ImageTask& task : all()) {
      if (task.host == host && task.detour.host == 0) redirect(task, 1'000'000 + task.id);
    }
  }
  add_strange(100'000, 100'000, 99);
  const auto tasks = all();
  EXPECT_EQ(std::ranges::count(tasks, 99, &ImageTask::host), 1);
}

TEST_F(Redirects, FailUntriedAtAHostThatIsGivenUp) {
  settings_.politeness.retries = 0;
  add(1, 4);
  redirect_all(2);
  for (int epoch = 0; epoch < 3; ++epoch) EXPECT_EQ(finish(*next(), kRefused).kind, Kind::failed);
  EXPECT_EQ(next()->given_up.cause, Cause::connection_refused);
}

TEST_F(Redirects, AreCountedWithTheImagesThatPagesNameThere) {
  settings_.politeness.max_per_host = 2;
  add(1, 1);
  redirect_all(2);
  add(11, 13, 2);
  EXPECT_EQ(all().size(), 2U);
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

// --- Whole nights, in simulated time.

class Night : public FrontierTest {
 protected:
  using Server = std::function<AttemptResult(const ImageTask&, MonoTime)>;
  struct Sum {
    std::size_t fetched = 0, failed = 0, requests = 0;
    Duration took{};
    Duration last_fetched{};
  };

  /// So many in each window; what it says to those beyond.
  struct Limit {
    int allowed;
    Duration every;
    seconds says;
    int used = 0;
    MonoTime window{};
    AttemptResult ask(MonoTime now) {
      if (now - window >= every) {
        window = now - (now - MonoTime{}) % every;
        used = 0;
      }
      return ++used <= allowed ? kFine : AttemptResult{Cause::http_status, 429, says};
    }
  };

  /// Runs images 1..last of host 1 through the frontier, each request taking 100 ms.
  Sum run(std::int64_t last, std::size_t slots, const Server& server) {
    add_strange(1, last);
    const MonoTime began = now_;
    std::multimap<MonoTime, ImageTask> in_flight;
    Sum sum;
    for (std::size_t steps = 0; steps < 1'000'000; ++steps) {
      while (in_flight.size() < slots) {
        auto task = next();
        if (!task) break;
        if (task->given_up.cause != Cause::none) {
          const AttemptResult untried{task->given_up.cause};
          count(sum, finish(*std::move(task), untried));
          refill(frontier(), last);
          continue;
        }
        in_flight.emplace(now_ + milliseconds(100), *std::move(task));
      }
      const MonoTime end = in_flight.empty() ? MonoTime::max() : in_flight.begin()->first;
      const MonoTime step = in_flight.size() < slots ? std::min(end, wait_.until) : end;
      if (step == MonoTime::max()) break;
      now_ = std::max(now_, step);
      if (in_flight.empty() || in_flight.begin()->first > now_) continue;
      ImageTask task = std::move(in_flight.extract(in_flight.begin()).mapped());
      const AttemptResult result = server(task, now_);
      ++sum.requests;
      count(sum, finish(std::move(task), result));
      refill(frontier(), last);
    }
    sum.took = now_ - began;
    sum.last_fetched = last_fetched_ - began;
    return sum;
  }

 private:
  void count(Sum& sum, const Verdict& verdict) {
    if (verdict.kind == Kind::fetched) last_fetched_ = now_;
    sum.fetched += verdict.kind == Kind::fetched ? 1 : 0;
    sum.failed += verdict.kind == Kind::failed ? 1 : 0;
  }

  MonoTime last_fetched_{};
};

TEST_F(Night, ComesThroughAnOutageOfTwentyMinutes) {
  const MonoTime down = now_ + seconds(5);
  const MonoTime up = down + std::chrono::minutes(20);
  const Sum sum =
      run(3000, 20, [&](const ImageTask&, MonoTime now) { return now >= down && now < up ? kRefused : kFine; });
  EXPECT_EQ(sum.fetched, 3000U);
  EXPECT_LE(sum.requests, 3000U + 20 + 30);  // What was in flight, and some probes.
  EXPECT_LE(sum.took, std::chrono::minutes(22));
}

TEST_F(Night, EndsWhenAHostStaysAway) {
  const MonoTime down = now_ + seconds(5);
  const Sum sum = run(3000, 20, [&](const ImageTask&, MonoTime now) { return now >= down ? kRefused : kFine; });
  EXPECT_EQ(sum.fetched + sum.failed, 3000U);
  EXPECT_GT(sum.failed, 0U);
  EXPECT_LE(sum.took, std::chrono::hours(1));
}

TEST_F(Night, GivesUpSoonOnAHostThatNeverAnswers) {
  const Sum sum = run(5000, 20, [](const ImageTask&, MonoTime) { return kRefused; });
  EXPECT_EQ(sum.failed, 5000U);
  EXPECT_LE(sum.requests, 2500U) << "of 25,000: when one has had all its attempts, the others fail with it";
  EXPECT_LE(sum.took, seconds(90));
}

TEST_F(Night, FetchesEverythingFromAHostThatAllowsTenRequestsASecond) {
  MonoTime window{};
  int used = 0;
  const Sum sum = run(1000, 20, [&](const ImageTask&, MonoTime now) {
    if (now - window >= seconds(1)) {
      window = now;
      used = 0;
    }
    return ++used <= 10 ? kFine : kThrottled;
  });
  EXPECT_EQ(sum.fetched, 1000U);
  EXPECT_EQ(sum.failed, 0U);
  EXPECT_LE(sum.took, std::chrono::minutes(5));  // Without throttling it would take 100 s.
  EXPECT_LE(sum.requests, 1700U);
}

TEST_F(Night, IsNotHeldUpByOneImageThatIsThrottledForEver) {
  const Sum sum = run(300, 20, [](const ImageTask& task, MonoTime) {
    return task.id == 7 ? AttemptResult{Cause::http_status, 503, seconds(2)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 299U);
  EXPECT_EQ(sum.failed, 1U);
  EXPECT_LE(sum.last_fetched, seconds(10));
  EXPECT_LE(sum.took, std::chrono::minutes(5));
}

TEST_F(Night, EndsWhenAHostThrottlesForEver) {
  for (const seconds asked : {seconds(0), seconds(60)}) {
    frontier_.reset();
    const MonoTime ban = now_ + seconds(10);
    const Sum sum = run(3000, 20, [&](const ImageTask&, MonoTime now) {
      return now < ban ? kFine : AttemptResult{Cause::http_status, 429, asked};
    });
    EXPECT_EQ(sum.fetched + sum.failed, 3000U);
    EXPECT_LE(sum.took, std::chrono::minutes(100)) << asked.count();
  }
}

/// What is left behind a quota looks like images that are refused for ever.
TEST_F(Night, LosesNothingOfTheFewBehindAQuota) {
  for (const std::int64_t images : {110, 120, 150}) {
    frontier_.reset();
    Limit limit{100, std::chrono::minutes(40), {}};
    const Sum sum = run(images, 20, [&](const ImageTask&, MonoTime now) { return limit.ask(now); });
    EXPECT_EQ(sum.fetched, static_cast<std::size_t>(images));
  }
}

TEST_F(Night, FindsTheGoodImagesBehindManyThatAreRefusedForEver) {
  const Sum sum = run(1000, 20, [](const ImageTask& task, MonoTime) { return task.id <= 300 ? kThrottled : kFine; });
  EXPECT_EQ(sum.fetched, 700U);
  EXPECT_LE(sum.last_fetched, std::chrono::minutes(5));
}

/// 1000 an hour, and it does not say so.
TEST_F(Night, OutlastsAnHourlyLimit) {
  Limit limit{1000, std::chrono::hours(1), {}};
  const Sum sum = run(3000, 20, [&](const ImageTask&, MonoTime now) { return limit.ask(now); });
  EXPECT_EQ(sum.fetched, 3000U);
  EXPECT_LE(sum.took, std::chrono::minutes(150));
}

/// However slow it is, in windows or evenly, whether it says how long to wait or not: what is refused comes after all.
TEST_F(Night, LosesNothingToALimitOfRates) {
  for (const int allowed : {1, 2, 8, 30}) {
    for (const seconds every : {seconds(3), seconds(10), seconds(60)}) {
      for (const bool says : {false, true}) {
        for (const std::size_t slots : {1U, 5U, 20U}) {
          frontier_.reset();
          Limit limit{allowed, every, says ? every : seconds(0)};
          const Sum sum = run(200, slots, [&](const ImageTask&, MonoTime now) { return limit.ask(now); });
          EXPECT_EQ(sum.fetched, 200U) << allowed << " in " << every.count() << " s, " << says << ", " << slots;
          EXPECT_LE(sum.took, 3 * 200 / allowed * every + std::chrono::minutes(3));
        }
      }
    }
  }
}

TEST_F(Night, EndsWhenManyAreRefusedForEver) {
  for (const std::size_t of : {3U, 5U, 10U}) {
    for (const seconds asked : {seconds(0), seconds(1), seconds(60)}) {
      frontier_.reset();
      const Sum sum = run(300, 20, [&](const ImageTask& task, MonoTime) {
        return static_cast<std::size_t>(task.id) % of == 0 ? AttemptResult{Cause::http_status, 503, asked} : kFine;
      });
      EXPECT_EQ(sum.fetched, 300 - 300 / of);
      EXPECT_EQ(sum.failed, 300 / of);
      const Duration soon = std::chrono::minutes(30) + 100 * asked;
      EXPECT_LE(sum.last_fetched, soon) << of << ", " << asked.count();
      EXPECT_LE(sum.took, soon + 2 * settings_.politeness.outage_wait) << of << ", " << asked.count();
    }
  }
}

TEST_F(Night, EndsWhenTheLastIsRefusedForEver) {
  for (const seconds asked : {seconds(0), seconds(60), seconds(86'400)}) {
    for (const auto& [images, minutes] : {std::pair{3, asked > seconds(60) ? 150 : 90}, {300, 15}}) {
      frontier_.reset();
      const Sum sum = run(images, 20, [&, last = images](const ImageTask& task, MonoTime) {
        return task.id == last ? AttemptResult{Cause::http_status, 503, asked} : kFine;
      });
      EXPECT_EQ(sum.fetched, static_cast<std::size_t>(images - 1));
      EXPECT_LE(sum.took, std::chrono::minutes(minutes)) << images << ", " << asked.count();
    }
  }
}

TEST_F(Night, IsNotHeldUpByOneImageThatIsToldToWaitForADay) {
  const Sum sum = run(300, 20, [](const ImageTask& task, MonoTime) {
    return task.id == 7 ? AttemptResult{Cause::http_status, 429, seconds(99'999)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 299U);
  EXPECT_LE(sum.last_fetched, seconds(5)) << "it takes 1.5 s without";
  EXPECT_LE(sum.took, std::chrono::minutes(11));
}

/// Nor where the host answers nothing else before that one. It waits no longer than its host does, so both are due at
/// once.
TEST_F(Night, IsNotHeldUpByTheFirstImage) {
  const Sum sum = run(300, 20, [](const ImageTask& task, MonoTime) {
    return task.id == 1 ? AttemptResult{Cause::http_status, 503, seconds(99'999)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 299U);
  EXPECT_LE(sum.last_fetched, seconds(20));
}

TEST_F(Night, IsNotSlowedByAFewImagesThatAreThrottledForEver) {
  const Sum sum = run(1000, 20, [](const ImageTask& task, MonoTime) { return task.id % 20 == 0 ? kThrottled : kFine; });
  EXPECT_EQ(sum.fetched, 950U);
  EXPECT_LE(sum.last_fetched, seconds(20)) << "it takes 5 s without";
}

TEST_F(Night, IsNotSlowedByOneImageInTenEither) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    frontier_.reset();
    const Sum sum = run(600, 20, [seed](const ImageTask& task, MonoTime) {
      const std::uint64_t hash = (static_cast<std::uint64_t>(task.id) + seed * 1000) * 0x9E37'79B9'7F4A'7C15ULL;
      return (hash >> 33U) % 10 == 0 ? kThrottled : kFine;
    });
    EXPECT_EQ(sum.fetched + sum.failed, 600U);
    EXPECT_GE(sum.fetched, 539U);
    EXPECT_LE(sum.last_fetched, seconds(60)) << "it takes 3 s without";
    EXPECT_LE(sum.took, std::chrono::minutes(10));
  }
}

/// Thumbnails that are made when they are first asked for.
TEST_F(Night, IsNotSlowedByAHostThatThrottlesEachImageOnce) {
  std::set<std::int64_t> met;
  const Sum sum = run(100, 20, [&met](const ImageTask& task, MonoTime) {
    return met.insert(task.id).second ? AttemptResult{Cause::http_status, 503, seconds(1)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 100U);
  EXPECT_LE(sum.took, std::chrono::minutes(5));
}

/// Of many refusals one in ten says "in a day", the others "in a second".
TEST_F(Night, IsNotHeldUpByWhatAFewOfManyAreTold) {
  const MonoTime free = now_ + seconds(25);
  const Sum sum = run(60, 20, [&](const ImageTask& task, MonoTime now) {
    return now < free ? AttemptResult{Cause::http_status, 429, seconds(task.id % 10 == 0 ? 86'400 : 1)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 60U);
  EXPECT_LE(sum.took, std::chrono::minutes(5));
}

TEST_F(Night, WaitsAsLongAsABusyServerAsks) {
  const MonoTime free = now_ + seconds(300);
  const Sum sum = run(100, 20, [&](const ImageTask&, MonoTime now) {
    return now < free ? AttemptResult{Cause::http_status, 503, seconds(100)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 100U);
  EXPECT_LE(sum.requests, 100U + 20 + 3);
}

/// A good host of 100 ms, and its neighbours.
class Neighbours : public FrontierTest {
 protected:
  struct Answer {
    AttemptResult result{};
    Duration takes{};
  };
  using Server = std::function<Answer(const ImageTask&)>;

  /// From now until the good host's images (host 1) have all been fetched.
  Duration run(std::size_t good, const Server& neighbours) {
    const MonoTime began = now_;
    std::multimap<MonoTime, std::pair<ImageTask, AttemptResult>> in_flight;
    for (std::size_t fetched = 0; fetched < good;) {
      while (in_flight.size() < settings_.pool.downloaders) {
        auto task = next();
        if (!task) break;
        const bool is_good = task->host == 1 && task->detour.host == 0;
        const Answer answer = is_good ? Answer{good_answer_(), milliseconds(100)} : neighbours(*task);
        in_flight.emplace(now_ + answer.takes, std::pair(*std::move(task), answer.result));
      }
      MonoTime step = in_flight.empty() ? MonoTime::max() : in_flight.begin()->first;
      if (in_flight.size() < settings_.pool.downloaders) step = std::min(step, wait_.until);
      if (step == MonoTime::max()) ADD_FAILURE() << "nothing more happens";
      if (step == MonoTime::max() || step - began > std::chrono::hours(10)) break;
      now_ = std::max(now_, step);
      if (in_flight.empty() || in_flight.begin()->first > now_) continue;
      auto [task, result] = std::move(in_flight.extract(in_flight.begin()).mapped());
      const bool is_good = task.host == 1;
      if (finish(std::move(task), result).kind == Kind::fetched && is_good) ++fetched;
    }
    return now_ - began;
  }
  /// An image of each neighbour, and 400 of the good host among them.
  void add_pages(std::int64_t neighbours) {
    frontier().answered(std::vector{name_of(1)}, now_);
    for (std::int64_t host = 2; host < neighbours + 2; ++host) {
      add_one_of(host);
      if (host % 10 == 0) add_one_of(1);
    }
    while (good_ < 400) add_one_of(1);
  }
  void add_one_of(std::int64_t host) {
    ++last_id_;
    add_strange(last_id_, last_id_, host);
    good_ += host == 1 ? 1 : 0;
  }

  static constexpr Answer kDead{{Cause::connect_timeout}, seconds(10)};
  static constexpr Answer kDrips{{Cause::stalled, 200}, seconds(30)};
  std::function<AttemptResult()> good_answer_ = [] { return kFine; };
  std::int64_t last_id_ = 0;
  std::size_t good_ = 0;
};

TEST_F(Neighbours, ThatNeverAnswerDoNotHoldTheGoodOneUp) {
  settings_.pool.downloaders = 20;
  add_pages(3000);
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(4)) << "alone it takes 2 s";
}

TEST_F(Neighbours, ThatDripDoNotEither) {
  settings_.pool.downloaders = 20;
  add_pages(300);
  EXPECT_LE(run(good_,
                [this](const ImageTask& task) {
                  frontier().answered(task, now_);
                  return kDrips;
                }),
            seconds(4));
}

TEST_F(Neighbours, ThatNeverAnswerDoNotHoldUpAStrangerWithManyImages) {
  settings_.pool.downloaders = 20;
  for (std::int64_t host = 2; host <= 301; ++host) add_one_of(host);
  for (int image = 0; image < 400; ++image) add_one_of(1);
  EXPECT_LE(run(400, [](const ImageTask&) { return kDead; }), seconds(15)) << "when the first of the dead are through";
}

TEST_F(Neighbours, ThatAnswerOnceAndThenHangDoNotEither) {
  for (const int answers : {1, 10}) {
    frontier_.reset();
    settings_.pool.downloaders = 20;
    settings_.politeness.retries = 0;
    good_ = 0;
    for (int images = 0; images < answers + 3; ++images) add_pages(60);
    std::map<std::int64_t, int> asked;
    const auto hang = [&](const ImageTask& task) {
      return ++asked[task.host] <= answers ? Answer{kNotFound, {}} : Answer{{Cause::stalled}, seconds(30)};
    };
    EXPECT_LE(run(400, hang), answers == 1 ? seconds(15) : seconds(40)) << answers;
  }
}

TEST_F(Neighbours, ThatDieDoNotEither) {
  settings_.pool.downloaders = 20;
  for (std::int64_t host = 2; host <= 31; ++host) add(host * 1000, host * 1000 + 99, host);
  now_ += seconds(60);
  add(1, 400);
  EXPECT_LE(run(400, [](const ImageTask&) { return kDead; }), seconds(25)) << "each was thought to be well once";
}

TEST_F(Neighbours, AreNotPreferredToTheGoodOneWhenItStumbles) {
  for (const int misses : {1, 25}) {
    settings_ = {};
    settings_.pool.downloaders = 20;
    settings_.politeness.max_per_host = misses == 1 ? 1 : 0;
    frontier_.reset();
    good_ = 0;
    add_pages(300);
    good_answer_ = [misses, asked = 0]() mutable {
      const bool fails = asked >= 100 && asked < 100 + misses;
      ++asked;
      return fails ? AttemptResult{Cause::http_status, 502} : kFine;
    };
    EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), misses == 1 ? seconds(43) : seconds(5)) << misses;
  }
}

TEST_F(Neighbours, AreNotPreferredToTheGoodOneWhenItComesBack) {
  settings_.pool.downloaders = 20;
  settings_.politeness.retries = 10;
  add_pages(300);
  MonoTime down{};
  good_answer_ = [&, asked = 0]() mutable {
    if (++asked == 100) down = now_;
    return asked >= 100 && now_ - down < seconds(20) ? AttemptResult{Cause::connection_lost} : kFine;
  };
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(90));
}

TEST_F(Neighbours, ThatAreSlowLeaveTheGoodOneItsShare) {
  settings_.pool.downloaders = 20;
  for (std::int64_t host = 2; host <= 5; ++host) add(host * 1000, host * 1000 + 999, host);
  add(1, 400);
  EXPECT_LE(run(400,
                [](const ImageTask&) {
                  return Answer{kFine, seconds(5)};
                }),
            seconds(11))
      << "a fifth of the slots";
}

TEST_F(Neighbours, DoNotHoldUpAHostThatIsAskedWithPauses) {
  settings_.pool.downloaders = 20;
  settings_.politeness.host_gap = milliseconds(50);
  add_pages(300);
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(21)) << "alone it takes 20 s";
}

TEST_F(Neighbours, LeaveOneSlotToo) {
  settings_.pool.downloaders = 1;
  add_pages(300);
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(80)) << "alone it takes 40 s";
}

}  // namespace
}  // namespace doutu

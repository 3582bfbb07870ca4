// Loops and the ledger thread at the frontier at the same time. Meant for ThreadSanitizer; without it, it still finds a
// lost wake-up or a lost image (a lost wake-up ends in the watchdog).
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <set>
#include <thread>
#include <vector>

#include "downloader/schedule/frontier.h"
#include "downloader/transfer/outcome_queue.h"

namespace doutu {
namespace {

/// What on_work() does for a loop: it wakes those that wait.
class WakeEvent {
 public:
  void signal() {
    const std::lock_guard lock(mutex_);
    ++rung_;
    changed_.notify_all();
  }
  [[nodiscard]] std::uint64_t signals() const {
    const std::lock_guard lock(mutex_);
    return rung_;
  }
  /// Until it is signalled again or the time has come.
  void wait(std::uint64_t since, MonoTime until) {
    std::unique_lock lock(mutex_);
    const auto heard = [&] { return rung_ != since; };
    if (until == MonoTime::max()) return changed_.wait(lock, heard);
    changed_.wait_until(lock, until, heard);
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t rung_ = 0;
};

TEST(FrontierRace, LosesNothingBetweenThreeLoopsAndTheLedger) {
  constexpr std::int64_t kImages = 6000;
  constexpr std::int64_t kHosts = 5;
  CrawlSettings settings;
  settings.pool.downloaders = 3;
  settings.politeness.max_per_host = 2;
  settings.politeness.retry_wait = settings.politeness.retry_wait_max = milliseconds(1);
  WakeEvent event;
  OutcomeQueue outcomes;
  Frontier frontier(settings, [&] { event.signal(); });
  std::atomic<bool> done{false};

  const auto loop = [&] {
    while (!done) {
      const std::uint64_t heard = event.signals();
      Frontier::Wait wait;
      auto task = frontier.next(mono_now(), wait);
      if (!task) {
        if (!done) event.wait(heard, wait.until);
        continue;
      }
      if (task->id % 97 == 0 && task->attempts == 0) {
        frontier.put_back(*std::move(task), mono_now());
        task = frontier.next(mono_now(), wait);
        if (!task) continue;
      }
      const bool fails = task->id % 10 == 0 && task->attempts < 2;
      ImageOutcome outcome;
      outcome.id = task->id;
      const AttemptResult result{fails ? Cause::truncated : Cause::none, 200};
      outcome.kind = frontier.finished(*std::move(task), result, mono_now()).kind;
      outcomes.push(std::move(outcome));
    }
  };
  std::vector<std::jthread> loops;
  loops.reserve(3);
  for (int i = 0; i < 3; ++i) loops.emplace_back(loop);

  const auto job_of = [](std::int64_t id) {
    ImageTask task;
    task.id = id;
    task.host = id % kHosts + 1;
    task.url = "http://example.com/";
    return task;
  };
  std::set<std::int64_t> settled;
  std::int64_t added = 0;
  while (settled.size() < kImages) {
    for (int i = 0; i < 50 && added < kImages; ++i) frontier.add(job_of(++added));
    for (const ImageOutcome& outcome : outcomes.take_all()) {
      if (outcome.kind == ImageOutcome::Kind::fetched) {
        EXPECT_TRUE(settled.insert(outcome.id).second) << outcome.id;
      }
      frontier.committed(std::vector<std::int64_t>{outcome.settles()});
    }
    for (const Frontier::Refill& wanted : frontier.wanted_refills()) {
      std::vector<ImageTask> rows;
      for (std::int64_t id = wanted.after_id + 1; id <= added && rows.size() < wanted.room; ++id) {
        if (id % kHosts + 1 == wanted.host && !settled.contains(id)) rows.push_back(job_of(id));
      }
      frontier.refill(wanted, std::move(rows));
    }
    std::this_thread::yield();
  }
  done = true;
  event.signal();
  loops.clear();
  EXPECT_EQ(frontier.in_flight(), 0U);
}

}  // namespace
}  // namespace doutu

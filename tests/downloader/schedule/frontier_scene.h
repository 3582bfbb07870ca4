// FrontierTest: a frontier under a clock of the test's own, for tests of what it gives out and when. refill() is what
// the ledger does.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "downloader/schedule/frontier.h"

namespace doutu {

using Kind = ImageOutcome::Kind;

inline constexpr AttemptResult kFine{Cause::none, 200};
inline constexpr AttemptResult kNotFound{Cause::http_status, 404};
inline constexpr AttemptResult kBroken{Cause::http_status, 500};
inline constexpr AttemptResult kThrottled{Cause::http_status, 429};
inline constexpr AttemptResult kRefused{Cause::connection_refused};

inline ImageTask job_of(std::int64_t id, std::int64_t host = 1) {
  ImageTask task;
  task.id = id;
  task.host = host;
  task.url = "http://h" + std::to_string(host) + ".test/" + std::to_string(id);
  return task;
}

inline std::string name_of(std::int64_t host) { return "http://h" + std::to_string(host) + ".test:80"; }

/// A frontier, its clock, and the ledger's side of it.
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
    Verdict verdict = frontier().finished(std::move(task), result, now_);
    commit({verdict.kind == Kind::retry ? 0 : id});
    return verdict;
  }

  CrawlSettings settings_;
  MonoTime now_{seconds(1000)};
  Frontier::Wait wait_{};
  int calls_ = 0;
  std::optional<Frontier> frontier_;
};

/// What the ledger does: answers each wanted refill from rows first..last of the host.
inline void refill(Frontier& frontier, std::int64_t last) {
  for (const Frontier::Refill& wanted : frontier.wanted_refills()) {
    std::vector<ImageTask> tasks;
    for (std::int64_t id = wanted.after_id + 1; id <= last && tasks.size() < wanted.room; ++id) {
      tasks.push_back(job_of(id, wanted.host));
    }
    frontier.refill(wanted, std::move(tasks));
  }
}

}  // namespace doutu

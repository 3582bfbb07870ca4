// HostScheduleTest: the schedule of a host that has answered, under a clock of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "shared/politeness/host_schedule.h"

namespace doutu {

inline constexpr AttemptResult kFine{Cause::none, 200};
inline constexpr AttemptResult kNotFound{Cause::http_status, 404};
inline constexpr AttemptResult kThrottled{Cause::http_status, 429};
inline constexpr AttemptResult kRefused{Cause::connection_refused};

inline constexpr AttemptResult busy_for(seconds wait) { return {Cause::http_status, 503, wait}; }

class HostScheduleTest : public testing::Test {
 protected:
  using Cost = HostSchedule::Cost;
  using Past = HostSchedule::Past;

  [[nodiscard]] bool may_start() const { return schedule_.may_start_at(now_) <= now_; }
  /// Seconds from now; -1: when a request in flight has ended.
  [[nodiscard]] double starts_in() const {
    const MonoTime time = schedule_.may_start_at(now_);
    return time == MonoTime::max() ? -1 : std::chrono::duration<double>(std::max(time, now_) - now_).count();
  }
  /// An image that was not refused before.
  Cost end(const AttemptResult& result, HostSchedule::Ticket ticket) {
    Refusals::Past past;
    return schedule_.finished(result, ticket, now_, past, any_answer_);
  }
  Cost one(const AttemptResult& result) { return end(result, schedule_.started(now_)); }
  /// At the earliest time.
  Cost again(Refusals::Past& past, const AttemptResult& result = kThrottled) {
    now_ = std::max(now_, schedule_.may_start_at(now_));
    const auto ticket = schedule_.started(now_);
    return schedule_.finished(result, ticket, now_, past, any_answer_);
  }
  std::vector<HostSchedule::Ticket> start(int count) {
    std::vector<HostSchedule::Ticket> tickets;
    for (int i = 0; i < count; ++i) tickets.push_back(schedule_.started(now_));
    return tickets;
  }

  CrawlSettings settings_;
  MonoTime now_{seconds(1000)};
  MonoTime any_answer_{};  ///< Of any host.
  HostSchedule schedule_{settings_, Past::has_answered, {.most = 4}};
};

}  // namespace doutu

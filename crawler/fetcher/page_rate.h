// PageRate: holds the transfer of a page to --limit-rate. A fetcher has one transfer at a time, so it just waits, in
// curl's callback. It is also the clock of that transfer, which does not run meanwhile. Page fetcher, its one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>

#include "crawler/fetcher/page_wait.h"
#include "shared/base/clock.h"
#include "shared/process/rate_budget.h"
#include "shared/process/stats_page.h"

namespace doutu {

class PageRate {
 public:
  /// There is no limit.
  PageRate() = default;
  /// stats outlives it.
  PageRate(RateBudget budget, StatsPage& stats) : budget_(std::move(budget)), stats_(&stats) {}

  [[nodiscard]] bool is_limited() const { return budget_.is_limited(); }
  /// Returns when so many bytes may be taken.
  void wait_for(std::uint64_t bytes) {
    const MonoTime now = mono_now();
    const MonoTime due = budget_.book(bytes, now);
    if (due <= now) return;
    const PageWait wait(*stats_);
    std::this_thread::sleep_until(due);
    held_ += mono_now() - now;
  }
  /// Without the time in wait_for().
  [[nodiscard]] MonoTime now() const { return mono_now() - held_; }

 private:
  RateBudget budget_;
  StatsPage* stats_ = nullptr;
  Duration held_{};
};

}  // namespace doutu

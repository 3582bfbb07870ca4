// PageWait: while it lives, a page waits for what is not its server: for room in the lane, or for its turn under
// --limit-rate. The parent reads it in the stats page and does not count the time against the page. Page fetcher, its
// one thread.
#pragma once

#include <chrono>

#include "shared/base/clock.h"
#include "shared/process/stats_page.h"

namespace doutu {

class PageWait {
 public:
  explicit PageWait(StatsPage& stats) : stats_(stats), since_(mono_now()) {
    stats_.held_since_ns = to_nanoseconds(since_);
  }
  PageWait(const PageWait&) = delete;
  PageWait& operator=(const PageWait&) = delete;
  /// In this order: stopped between the two, the wait counts twice for a moment, and never not at all.
  ~PageWait() {
    stats_.held_ns += std::chrono::nanoseconds(mono_now() - since_).count();
    stats_.held_since_ns = 0;
  }

 private:
  StatsPage& stats_;
  const MonoTime since_;
};

}  // namespace doutu

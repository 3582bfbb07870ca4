// Heartbeats: whether a child has given no sign of life for too long. A policy: pure. The parent's thread.
#pragma once

#include <algorithm>

#include "shared/base/clock.h"
#include "shared/process/stats_page.h"

namespace doutu {

/// The oldest sign of life of its threads; before the first, when the child was started.
[[nodiscard]] inline MonoTime last_beat(const StatsPage& stats, MonoTime started) {
  MonoTime oldest = MonoTime::max();
  for (const auto& beat : stats.beats) {
    const auto at = beat.load(std::memory_order_relaxed);
    if (at != 0) oldest = std::min(oldest, from_nanoseconds(at));
  }
  return oldest == MonoTime::max() ? started : oldest;
}

struct Heartbeats {
  Duration allowed{};     ///< Without one.
  MonoTime not_before{};  ///< When this process was continued last: children stood still as well.

  [[nodiscard]] bool is_silent(const StatsPage& stats, MonoTime started, MonoTime now) const {
    return now - std::max(last_beat(stats, started), not_before) > allowed;
  }
};

}  // namespace doutu

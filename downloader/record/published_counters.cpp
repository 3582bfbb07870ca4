#include "downloader/record/published_counters.h"

namespace doutu {

void publish_counters(const CurrentJob& job, StatsPage& stats) {
  const JobCounters& counters = job.counters();
  const auto publish = [](auto& to, std::uint64_t value) { to.store(value, std::memory_order_relaxed); };
  publish(stats.found, counters.found());
  publish(stats.known, counters.known);
  publish(stats.repeated, counters.repeated);
  publish(stats.saved, counters.saved);
  publish(stats.duplicate, counters.duplicate);
  publish(stats.skipped, counters.skipped);
  const bool more_failed = stats.failed.exchange(counters.failed, std::memory_order_relaxed) != counters.failed;
  publish(stats.pending, counters.pending);
  publish(stats.bytes, counters.bytes);
  if (!more_failed) return;
  for (std::size_t i = 0; i < kFailureSlots; ++i) {
    stats.failures.at(i).store(job.failures().at(i), std::memory_order_relaxed);
  }
}

}  // namespace doutu

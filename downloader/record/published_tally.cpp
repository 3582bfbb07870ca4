#include "downloader/record/published_tally.h"

namespace doutu {

void publish_tally(const LedgerWriter& ledger, StatsPage& stats) {
  const AccountTally& tally = ledger.tally();
  const auto publish = [](auto& to, std::uint64_t value) { to.store(value, std::memory_order_relaxed); };
  publish(stats.found, tally.found());
  publish(stats.known, tally.known);
  publish(stats.repeated, tally.repeated);
  publish(stats.saved, tally.saved);
  publish(stats.duplicate, tally.duplicate);
  publish(stats.skipped, tally.skipped);
  const bool more_failed = stats.failed.exchange(tally.failed, std::memory_order_relaxed) != tally.failed;
  publish(stats.pending, tally.pending);
  publish(stats.bytes, tally.bytes);
  if (!more_failed) return;
  for (std::size_t i = 0; i < kFailureSlots; ++i) {
    stats.failures.at(i).store(ledger.failures().at(i), std::memory_order_relaxed);
  }
}

}  // namespace doutu

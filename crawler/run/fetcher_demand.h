// FetcherDemand: whether the downloader needs another fetcher, and for how long it has needed one. A fast server
// answers before a new fetcher has started, so a short need does not count. A policy: takes the downloader's own
// numbers and the time, does nothing. The parent's thread.
#pragma once

#include <optional>

#include "shared/base/clock.h"
#include "shared/process/stats_page.h"

namespace doutu {

class FetcherDemand {
 public:
  /// Of so long.
  static constexpr milliseconds kScaleUpDelay{10};
  /// With fewer images to fetch than so many for each transfer.
  static constexpr std::uint64_t kImagesAhead = 2;

  /// Of a downloader with so many transfers.
  explicit FetcherDemand(std::uint32_t transfers) : transfers_(transfers) {}

  /// When another fetcher is to be started, if nothing changes until then; nullopt: it has enough to do.
  std::optional<MonoTime> wants_more_fetchers(const StatsPage& downloader, MonoTime now) {
    if (!wants_images(downloader)) return at_ = std::nullopt;
    if (!at_) at_ = now + kScaleUpDelay;
    return at_;
  }
  /// One was started, or there is no downloader to ask.
  std::optional<MonoTime> reset() { return at_ = std::nullopt; }

 private:
  /// Also when those it has are on servers that keep it waiting.
  [[nodiscard]] bool wants_images(const StatsPage& stats) const {
    return stats.pending < kImagesAhead * transfers_ ||
           (stats.in_flight_count < transfers_ / 2 && stats.disk_full == 0);
  }

  const std::uint32_t transfers_;
  std::optional<MonoTime> at_;
};

}  // namespace doutu

// CrawlSnapshotSource: makes a CrawlSnapshot of what a crawl's parts know at one moment. It changes nothing. The
// parent's thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "crawler/report/bottleneck.h"
#include "crawler/report/crawl_snapshot.h"
#include "crawler/run/crawl_phase.h"
#include "crawler/run/crawl_start.h"
#include "crawler/run/downloader_link.h"
#include "crawler/run/fetcher_pool.h"
#include "crawler/run/heartbeat.h"
#include "crawler/run/pages_in_hand.h"

namespace doutu {

class CrawlSnapshotSource {
 public:
  /// References outlive it. The crawl's time begins now.
  CrawlSnapshotSource(const CrawlStart& start, const DownloaderLink& downloader, const FetcherPool& fetchers,
                      const PagesInHand& pages, const Heartbeats& heartbeats, MonoTime now)
      : start_(start),
        downloader_(downloader),
        fetchers_(fetchers),
        pages_(pages),
        heartbeats_(heartbeats),
        began_(now),
        images_(start.counters_before) {}

  [[nodiscard]] CrawlSnapshot snapshot(CrawlPhase phase, MonoTime now);
  /// Of that snapshot.
  [[nodiscard]] BottleneckSigns bottleneck_signs(const CrawlSnapshot& snapshot, CrawlPhase phase, MonoTime now) const;

 private:
  [[nodiscard]] CrawlState state(CrawlPhase phase) const;
  void read_downloader(CrawlSnapshot& snapshot);
  [[nodiscard]] ProcessSnapshot snapshot_of(const FetcherPlace& fetcher, MonoTime now) const;
  [[nodiscard]] ProcessSnapshot downloader_snapshot(CrawlPhase phase) const;

  const CrawlStart& start_;
  const DownloaderLink& downloader_;
  const FetcherPool& fetchers_;
  const PagesInHand& pages_;
  const Heartbeats& heartbeats_;
  const MonoTime began_;
  JobCounters images_;                                   ///< As a downloader said last, or the ledger at the start,
  std::map<std::string, std::uint64_t> image_failures_;  ///< by cause name.
};

}  // namespace doutu

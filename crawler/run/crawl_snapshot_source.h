// CrawlSnapshotSource: what a crawl's parts know at one moment, as figures. Changes nothing of how the crawl goes. The
// parent's thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "crawler/report/figures.h"
#include "crawler/report/waits_for.h"
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
        images_(start.tally_before) {}

  [[nodiscard]] CrawlFigures figures(CrawlPhase phase, MonoTime now);
  /// Of those figures.
  [[nodiscard]] WaitSigns wait_signs(const CrawlFigures& figures, CrawlPhase phase, MonoTime now) const;

 private:
  [[nodiscard]] CrawlState state(CrawlPhase phase) const;
  void read_downloader(CrawlFigures& figures);
  [[nodiscard]] ProcessFigures figures_of(const FetcherPlace& fetcher, MonoTime now) const;
  [[nodiscard]] ProcessFigures figures_of_downloader(CrawlPhase phase) const;

  const CrawlStart& start_;
  const DownloaderLink& downloader_;
  const FetcherPool& fetchers_;
  const PagesInHand& pages_;
  const Heartbeats& heartbeats_;
  const MonoTime began_;
  AccountTally images_;                                  ///< As a downloader said last, or the ledger at the start,
  std::map<std::string, std::uint64_t> image_failures_;  ///< by cause name.
};

}  // namespace doutu

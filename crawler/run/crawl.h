// Crawl: the parent's run. It starts the downloader and the fetchers, tells each what it must know of the others, and
// ends when the ledger has everything. It parses nothing from the network and writes no image. One thread.
//
// It owns its parts. FetcherPool calls PagesInHand, and both call DownloaderLink. A part reports upwards by an event,
// which the crawl alone receives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "crawler/children/child_host.h"
#include "crawler/run/admission.h"
#include "crawler/run/crawl_loop.h"
#include "crawler/run/crawl_phase.h"
#include "crawler/run/crawl_snapshot_source.h"
#include "crawler/run/crawl_start.h"
#include "crawler/run/decoder_on_call.h"
#include "crawler/run/downloader_link.h"
#include "crawler/run/fetcher_pool.h"
#include "crawler/run/heartbeat.h"
#include "crawler/run/pages_in_hand.h"
#include "crawler/view/crawl_view.h"

namespace doutu {

/// Why a run ended.
struct CrawlEnd {
  /// limit_reached: one that the user has set. Otherwise it is as stopped_early.
  enum class Why { settled, stopped_early, limit_reached, interrupted, broken };
  Why why = Why::broken;
  int signal = 0;       ///< Of interrupted.
  std::string message;  ///< Of stopped_early, limit_reached and broken, for the user.
};

class Crawl {
 public:
  /// All outlive it.
  Crawl(CrawlStart& start, CrawlLoop& loop, ChildHost& host);

  /// Runs until the crawl has ended and every child is gone.
  CrawlEnd run();

 private:
  [[nodiscard]] DownloaderLink::Introduction introduction() const;
  void on_downloader_start();
  void on_downloader_message(Message& message);
  /// Something has changed that pages or fetchers may have waited for.
  void go_on();

  void on_tick();
  void show();
  [[nodiscard]] std::uint64_t images_in_hand() const;

  void on_signal(int number);
  void suspend();
  void signal_children(int number);
  void end(CrawlEnd::Why why, std::string message = {}, int signal = 0);
  void stop_if_empty();

  CrawlStart& start_;
  CrawlLog& log_;
  CrawlLoop& loop_;
  CrawlPhase phase_ = CrawlPhase::running;
  std::optional<CrawlEnd> end_;
  MonoTime end_by_ = MonoTime::max();  ///< When the downloader is killed, once the end was asked for.
  Heartbeats heartbeats_;
  const std::unique_ptr<Timer> tick_timer_;

  Admission admission_;
  DecoderOnCall decoder_;
  DownloaderLink downloader_;
  PagesInHand pages_;
  FetcherPool fetchers_;
  CrawlSnapshotSource snapshots_;
  CrawlView view_;
};

}  // namespace doutu

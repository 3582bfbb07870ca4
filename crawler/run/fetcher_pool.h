// FetcherPool: the crawl's fetchers. It starts as many as the downloader has work for, and gives pages to those that
// are free. It kills a fetcher that falls silent, takes too long or breaks the protocol, and replaces those that died.
// The parent's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crawler/run/admission.h"
#include "crawler/run/crawl_phase.h"
#include "crawler/run/crawl_start.h"
#include "crawler/run/downloader_link.h"
#include "crawler/run/fetcher_demand.h"
#include "crawler/run/fetcher_place.h"
#include "crawler/run/pages_in_hand.h"

namespace doutu {

class FetcherPool {
 public:
  struct Events {
    /// No fetcher can be started, or the site does not let the crawl in: why.
    std::function<void(std::string why)> on_hopeless;
    /// The last one has ended, after kill_all().
    std::function<void()> on_finished;
  };
  /// Pages of one fetcher that may wait in its lane for the ledger, so that what is announced stays small.
  static constexpr std::size_t kMaxUnrecorded = 16;

  /// References outlive it.
  FetcherPool(CrawlStart& start, CrawlLoop& loop, ChildHost& host, const Heartbeats& heartbeats, PagesInHand& pages,
              Admission& admission, DownloaderLink& downloader, Events events);

  /// Gives out what may be given out now, and starts a fetcher if one is wanted. Call it whenever that may have
  /// changed.
  void hand_out();
  /// No page is left: they end by themselves, and no other is started.
  void finish();
  /// The crawl ends.
  void kill_all();
  void kill_fetcher_of(std::uint64_t generation);
  void signal_all(int number) const;
  /// Kills those without a sign of life, and those whose page takes too long.
  void watch(MonoTime now);

  [[nodiscard]] bool has_fetcher() const;
  [[nodiscard]] const std::vector<std::unique_ptr<FetcherPlace>>& places() const { return places_; }
  /// Pages are left, and the plan holds them back until then.
  [[nodiscard]] MonoTime no_page_before() const { return no_page_before_; }

 private:
  void give_pages_to_the_free();
  void make_next_request();
  void give(FetcherPlace& place, PageTask task);
  void allow_time(FetcherPlace& place, milliseconds time);
  void start_if_needed();
  [[nodiscard]] bool has_free_fetcher() const;
  [[nodiscard]] bool is_another_wanted();
  void start(FetcherPlace& place);
  void cannot_start(FetcherPlace& place, const Error& error);
  void on_message(FetcherPlace& place, const Message& message);
  [[nodiscard]] bool answer(FetcherPlace& place, const Message& message);
  [[nodiscard]] bool take_preparation(FetcherPlace& place, const Prepared& prepared);
  void on_exit(FetcherPlace& place, const Exit& exit);
  [[nodiscard]] milliseconds time_for_page() const;
  [[nodiscard]] milliseconds time_for_login() const;
  [[nodiscard]] Duration longest_wait() const;
  [[nodiscard]] bool is_too_slow(const FetcherPlace& place, MonoTime now) const;

  CrawlStart& start_;
  const CrawlSettings& settings_;
  CrawlLoop& loop_;
  ChildHost& host_;
  const Heartbeats& heartbeats_;
  PagesInHand& pages_;
  Admission& admission_;
  DownloaderLink& downloader_;
  const Events events_;

  CrawlPhase phase_ = CrawlPhase::running;
  std::vector<std::unique_ptr<FetcherPlace>> places_;
  FetcherDemand demand_;
  const std::unique_ptr<Timer> page_timer_, demand_timer_;
  MonoTime no_fetcher_before_{};  ///< The system had no room for another, and some work.
  MonoTime no_page_before_{};
};

}  // namespace doutu

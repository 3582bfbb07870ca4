// TransferPool: the downloader's thread pool. Each thread runs one TransferLoop (one io_context, one curl multi handle,
// its share of the slots); checking, hashing and writing an ordinary image happen on the thread that fetched it.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "downloader/cookies/cookie_store.h"
#include "downloader/schedule/frontier.h"
#include "downloader/store/image_sink.h"
#include "downloader/transfer/outcome_queue.h"
#include "shared/base/mutex.h"
#include "shared/http/address_guard.h"
#include "shared/http/logins.h"
#include "shared/process/control.h"
#include "shared/process/rate_budget.h"
#include "shared/process/stats_page.h"

namespace doutu {

class TransferLoop;

class TransferPool {
 public:
  /// doubts: where decoders are asked; sink: where images are held. Everything outlives the pool.
  /// Thread i beats in stats.beats[i + 1].
  TransferPool(const CrawlSettings& settings, OutcomeQueue& outcomes, StatsPage& stats, ControlChannel& doubts,
               ImageSink& sink, CookieStore& cookies, RateBudget budget = {});
  /// Breaks off what is still in flight (put_back) and joins.
  ~TransferPool();
  TransferPool(TransferPool&&) = delete;

  [[nodiscard]] Frontier& frontier() { return frontier_; }

  /// errno of a write of a loop that the disk refused since the last call; 0: none.
  [[nodiscard]] int take_disk_error();

 private:
  void wake_loops();

  // Constant after construction, or thread-safe.
  const CrawlSettings settings_;
  const AddressGuard guard_;
  RateBudget budget_;
  Logins logins_;
  std::atomic<int> disk_error_{0};
  std::atomic<bool> told_of_want_{false};
  std::atomic<std::size_t> half_images_{0};  ///< That wait, with their tasks, in the frontier.
  Frontier frontier_;

  // The frontier wakes loops from any thread, while they are made and while they end.
  Mutex mutex_;
  std::vector<std::unique_ptr<TransferLoop>> loops_ DOUTU_GUARDED_BY(mutex_);
};

}  // namespace doutu

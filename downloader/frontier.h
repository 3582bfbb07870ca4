// Frontier: the images to fetch next. A bounded window in memory, per host, over the pending rows of the ledger, so
// that memory does not grow with the crawl; and per host a schedule (limit in flight, gap, throttle and outage clocks)
// that says when. The ledger thread fills it, the transfer loops empty it. Thread-safe by one mutex; nothing slow
// happens under it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "downloader/host_schedule.h"
#include "downloader/image_job.h"
#include "downloader/retry_policy.h"
#include "shared/base/clock.h"
#include "shared/process/crawl_settings.h"

namespace doutu {

/// How an attempt ended, as the frontier needs to know it.
struct AttemptResult {
  Cause cause = Cause::none;
  int http_status = 0;
  seconds retry_after{0};
};

/// What follows from it.
struct Verdict {
  ImageOutcome::Kind kind = ImageOutcome::Kind::failed;
  std::uint32_t attempts = 0;  ///< Counted so far.
  MonoTime next_attempt{};     ///< For retry: the frontier has queued it already.
};

class Frontier {
 public:
  /// on_work is called (outside the mutex, on any thread) when there may be something to take for a loop that found
  /// nothing before.
  Frontier(const CrawlSettings& settings, std::function<void()> on_work);
  ~Frontier();

  // --- The ledger thread.

  /// A row that just became pending. Ids rise for each host.
  void add(ImageJob job);
  /// Images that were in flight when a downloader crashed: nothing else is in flight while one of them is.
  void set_suspects(std::vector<std::int64_t> ids);
  /// Hosts whose window runs low while the ledger has more rows of them.
  struct Refill {
    std::int64_t host = 0;
    std::int64_t after_id = 0;
    std::size_t room = 0;
  };
  [[nodiscard]] std::vector<Refill> wanted_refills();
  /// Rows with id > after_id in the order of their ids, at most room of them; fewer means that there are no more.
  void refill(const Refill& asked, std::vector<ImageJob> jobs);
  /// So many outcomes are in the ledger now. At most kMaxUncommitted may wait for that; then next() gives nothing.
  void committed(std::size_t outcomes);
  /// The disk is full, or has space again: next() gives nothing in between.
  void set_paused(bool paused);
  /// Gives out nothing more.
  void stop();

  // --- The transfer loops.

  /// An image that may be fetched now. When there is none, wake_at is the earliest time that may change without a call
  /// from outside (MonoTime::max(): never).
  [[nodiscard]] std::optional<ImageJob> next(MonoTime now, MonoTime& wake_at);
  /// The attempt ended; decides by the host's schedule and the retry policy.
  Verdict finished(ImageJob job, const AttemptResult& result, MonoTime now);
  /// The attempt was broken off for a reason that is not the image's (disk full, stopping): it never happened.
  void put_back(ImageJob job, MonoTime now);

  // --- Anyone.

  [[nodiscard]] std::size_t in_flight() const;

  /// Outcomes between a loop and the ledger: what a kill may make to be fetched again beside the images in flight.
  static constexpr std::size_t kMaxUncommitted = 256;
};

}  // namespace doutu

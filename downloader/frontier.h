// Frontier: the images to fetch next. A bounded window in memory, per host, over the pending rows of the ledger, so
// that memory does not grow with the crawl; and per host a schedule (limit in flight, gap, throttle and outage clocks)
// that says when. The ledger thread fills it, the transfer loops empty it. Thread-safe by one mutex; nothing slow
// happens under it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "downloader/host_schedule.h"
#include "downloader/host_window.h"
#include "downloader/image_job.h"
#include "downloader/retry_policy.h"
#include "shared/base/clock.h"
#include "shared/process/crawl_settings.h"

namespace doutu {

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
  /// From now on the ledger has pending rows of hosts that are not known here. Rows of such hosts are not held one by
  /// one, but come with meet().
  void expect_hosts();
  /// There is room for those hosts.
  [[nodiscard]] bool wants_hosts() const;
  /// Hosts with pending rows, in the order of their ids, known here or not; fewer than kMaxHosts: there are no more.
  void meet(std::span<const std::int64_t> hosts);
  /// Hosts whose window runs low while the ledger has more rows of them.
  struct Refill {
    std::int64_t host = 0;
    std::int64_t after_id = 0;
    std::size_t room = 0;
  };
  [[nodiscard]] std::vector<Refill> wanted_refills();
  /// Rows with id > after_id in the order of their ids, at most room of them; fewer means that there are no more.
  void refill(const Refill& asked, std::vector<ImageJob> jobs);
  /// These outcomes are in the ledger now. At most kMaxUncommitted may wait for that; then next() gives nothing.
  /// Of each: the image that it settled, or 0.
  void committed(std::span<const std::int64_t> outcomes);
  /// The disk is full, or has space again: next() gives nothing in between.
  void set_paused(bool paused);
  /// Gives out nothing more.
  void stop();

  // --- The transfer loops.

  /// The earliest time at which there may be an image without a call from outside (MonoTime::max(): never), and what
  /// it waits for until then.
  struct Wait {
    MonoTime until = MonoTime::max();
    ImageWait reason = ImageWait::none;
  };
  /// An image that may be fetched now, or that fails now without a request (ImageJob::given_up). When there is none,
  /// wait says when to ask again.
  [[nodiscard]] std::optional<ImageJob> next(MonoTime now, Wait& wait);
  /// The attempt ended; decides by the host's schedule and the retry policy.
  Verdict finished(ImageJob job, const AttemptResult& result, MonoTime now);
  /// The attempt was broken off for a reason that is not the image's (disk full, stopping): it never happened.
  void put_back(ImageJob job, MonoTime now);

  // --- Anyone.

  [[nodiscard]] std::size_t in_flight() const;
  /// A loop looked for an image and found none, or will soon: fewer wait than go into a batch of the ledger.
  [[nodiscard]] bool runs_low() const;

  /// Outcomes between a loop and the ledger: what a kill may make to be fetched again beside the images in flight.
  static constexpr std::size_t kMaxUncommitted = 512;
  /// Half of that: so many do not wait for more.
  static constexpr std::size_t kFullBatch = kMaxUncommitted / 2;
  /// Hosts in memory: half as many more for a moment, since they are met in one go. At some 700 bytes each: 4 MB.
  static constexpr std::size_t kMaxHosts = 4096;
  /// Images in memory: per host, and of all hosts together; beyond that a host may hold kLeastWindow. At some 300 bytes
  /// an image: 5 MB, and 15 MB more at worst.
  static constexpr std::size_t kWindow = 1024;
  static constexpr std::size_t kMaxHeld = 16'384;
  static constexpr std::size_t kLeastWindow = 8;

 private:
  struct Host;
  using Timers = std::multimap<MonoTime, Host*>;
  struct Host {
    Host(std::int64_t row, HostSchedule first) : id(row), schedule(first) {}
    const std::int64_t id;
    HostSchedule schedule;
    HostWindow window;
    bool in_ready = false;
    bool in_low = false;
    std::optional<Timers::iterator> timer;
  };
  using Lock = std::unique_lock<std::mutex>;

  Host& host_of(std::int64_t id);
  [[nodiscard]] std::size_t room_of(const Host& host) const;
  void hold(Host& host, ImageJob job);
  [[nodiscard]] std::optional<ImageJob> take(Host& host);
  void count_bytes(const Host& host, std::uint64_t bytes);
  [[nodiscard]] bool is_over_limit(const Host& host) const;
  [[nodiscard]] static bool is_throttled_alone(const Host& host, ImageJob& job, const AttemptResult& result);
  [[nodiscard]] Verdict try_again_at_no_cost(Host& host, ImageJob job);
  [[nodiscard]] Verdict judge(Host& host, ImageJob job, const AttemptResult& result, HostSchedule::Cost cost);
  /// Files the host where it belongs now: ready, waiting for a time, waiting for a call, or forgotten.
  void settle(Host& host);
  void set_timer(Host& host, MonoTime time);
  void fire_timers();
  [[nodiscard]] Wait first_timer() const;
  void forget(Host& host);
  void job_ended(const ImageJob& job);
  /// Gives the mutex back, then wakes a loop that found nothing if there may be something now.
  void unlock_and_wake(Lock lock);
  [[nodiscard]] bool may_give() const;
  [[nodiscard]] std::uint32_t random();

  // Constant after construction.
  const CrawlSettings settings_;
  const std::function<void()> on_work_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::unordered_map<std::int64_t, Host> hosts_;  ///< Nodes stay where they are: Host* below.
  std::vector<bool> has_answered_;                ///< By host id, also of hosts that were forgotten.
  /// By host id, with --max-host-bytes: also of hosts that were forgotten.
  std::unordered_map<std::int64_t, std::uint64_t> bytes_;
  std::deque<Host*> ready_;                ///< Hosts that may start, in turn.
  Timers timers_;                          ///< Hosts that may start later.
  std::vector<std::int64_t> low_;          ///< Hosts that want a refill.
  std::unordered_set<std::int64_t> held_;  ///< Images in a window, in flight, or settled and not committed.
  std::size_t uncommitted_ = 0;            ///< Outcomes.
  std::unordered_set<std::int64_t> suspects_;
  std::size_t in_flight_ = 0;
  bool more_hosts_ = false;  ///< The ledger has pending rows of hosts that are not in hosts_: of all those, all rows.
  bool suspect_in_flight_ = false;
  bool paused_ = false;
  bool stopped_ = false;
  bool starving_ = false;  ///< A loop found nothing since on_work_ was called last ...
  MonoTime told_{};        ///< ... and will look again at this time.
  MonoTime now_{};         ///< The latest time that anyone told.
  std::uint32_t random_;
};

}  // namespace doutu

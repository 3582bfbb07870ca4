// Frontier: the images to fetch next. A bounded window in memory, per host, over the pending rows of the ledger, so
// that memory does not grow with the crawl; per host a schedule (limit in flight, gap, throttle and outage clocks) that
// says when; and among the hosts that may start, a rule whose turn it is. The ledger thread fills it, the
// transfer loops empty it. Thread-safe by one mutex; nothing slow happens under it.
//
// Its parts: the hosts (frontier_hosts.h), each with its window and schedule (frontier_host.h); the images that it has
// in hand (images_in_hand.h); whose turn it is (slots.h); images that wait where they were redirected to (detours.h).
//
// What obeys robots.txt waits until that of its host is known: an image is given out to ask for it, and comes back.
// From then on images are given out with its rules; whether they allow one is for who gets it to say, outside the
// mutex.
//
// Every request is one of the host that it goes to. An image that is redirected to another host gives its slot back and
// waits there for its turn: what that host does costs it and nobody else. When the attempt fails, it goes back to its
// own host.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "downloader/schedule/detours.h"
#include "downloader/schedule/frontier_host.h"
#include "downloader/schedule/frontier_hosts.h"
#include "downloader/schedule/image_task.h"
#include "downloader/schedule/images_in_hand.h"
#include "downloader/schedule/slots.h"
#include "shared/base/clock.h"
#include "shared/base/mutex.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/politeness/host_schedule.h"
#include "shared/politeness/reach_notice.h"
#include "shared/politeness/retry_policy.h"
#include "shared/process/stats_page.h"
#include "shared/robots/robots_book.h"

namespace doutu {

/// What follows from it.
struct Verdict {
  ImageOutcome::Kind kind = ImageOutcome::Kind::failed;
  std::uint32_t attempts = 0;  ///< Counted so far.
  MonoTime next_attempt{};     ///< For retry: the frontier has queued it already.
  std::string notice{};        ///< For retry: a line for people; mostly empty.
};

class Frontier {
 public:
  /// on_work is called (outside the mutex, on any thread) when there may be something to take for a loop that found
  /// nothing before.
  Frontier(const CrawlSettings& settings, std::function<void()> on_work);
  ~Frontier();

  // --- The ledger thread.

  /// These hosts ("https://example.com:443") have answered a page.
  void answered(std::span<const std::string> hosts, MonoTime now);
  /// A row that just became pending. Ids rise for each host.
  void add(ImageTask task);
  /// Images that were in flight when a downloader crashed: nothing else is in flight while one of them is.
  void set_suspects(const std::vector<std::int64_t>& ids);
  /// From now on the ledger has pending rows of hosts that are not known here. Rows of such hosts are not held one by
  /// one, but come with add_hosts(). Those that answered before are no strangers.
  void expect_hosts(std::span<const HostRow> answered);
  /// What is known of the robots.txt of a host ("https://example.com:443").
  void know_robots(const std::string& server, RobotsBook::Rules rules, MonoTime until);
  /// What the loops have read since the last time.
  [[nodiscard]] std::vector<ServerRobots> take_robots_read();
  /// There is room for those hosts.
  [[nodiscard]] bool wants_hosts() const;
  /// From which id on: it goes round, so that no host is left out while the images of those before it wait elsewhere.
  [[nodiscard]] std::int64_t hosts_after() const;
  /// Hosts with pending rows and an id > hosts_after(), in the order of their ids, known here or not; fewer than
  /// kMaxHosts: there are no more.
  void add_hosts(std::span<const HostRow> hosts);
  /// Hosts whose window runs low while the ledger has more rows of them.
  struct Refill {
    std::int64_t host = 0;
    std::int64_t after_id = 0;
    std::size_t room = 0;
  };
  [[nodiscard]] std::vector<Refill> wanted_refills();
  /// Rows with id > after_id in the order of their ids, at most room of them; fewer means that there are no more.
  void refill(const Refill& asked, std::vector<ImageTask> tasks);
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
  /// An image that may be fetched now, or that fails now without a request (ImageTask::given_up). When there is none,
  /// wait says when to ask again.
  [[nodiscard]] std::optional<ImageTask> next(MonoTime now, Wait& wait);
  /// The attempt ended; decides by the host's schedule and the retry policy.
  Verdict finished(ImageTask task, const AttemptResult& result, MonoTime now);
  /// The host of an image with ImageTask::is_first begins to answer it.
  void answered(const ImageTask& task, MonoTime now);
  /// It was redirected to another host: task.detour says where, but for the host. It waits there for its turn. When too
  /// many wait like that it goes back, at no cost, and the host that redirected it pauses.
  void redirected(ImageTask task, MonoTime now);
  /// It was given out with asks_robots, and this is what its host says. The image waits in front for its turn.
  void robots_read(ImageTask task, RobotsBook::Rules rules, MonoTime now);
  /// Its robots forbid the image, or could not be read: it fails, and nothing was asked.
  Verdict forbidden(ImageTask task, MonoTime now);
  /// The attempt was broken off for a reason that is not the image's (disk full, stopping): it never happened.
  void put_back(ImageTask task, MonoTime now);

  // --- Anyone.

  [[nodiscard]] std::size_t in_flight() const;
  /// A loop looked for an image and found none, or will soon: fewer wait than go into a batch of the ledger.
  [[nodiscard]] bool runs_low() const;

  static constexpr std::size_t kMaxUncommitted = ImagesInHand::kMaxUncommitted;
  /// Half of that: so many do not wait for more.
  static constexpr std::size_t kFullBatch = kMaxUncommitted / 2;
  static constexpr std::size_t kMaxHosts = FrontierHosts::kMost;
  /// A redirect is followed within this time, or asked for again, once: what it leads to may be signed for some
  /// minutes, but a host whose turn comes more seldom than that would never be asked.
  static constexpr seconds kDetourKept{60};
  /// Images in memory: per host, and of all hosts together; beyond that a host may hold kLeastWindow. At some 400 bytes
  /// an image: 7 MB, and 20 MB more at worst.
  static constexpr std::size_t kWindow = 1024;
  static constexpr std::size_t kMaxHeld = 16'384;
  static constexpr std::size_t kLeastWindow = 8;

 private:
  using Host = FrontierHost;
  /// The user's or the disk's: nothing is given out.
  struct Gate {
    bool is_paused = false;
    bool is_stopped = false;
  };
  /// Loops that found nothing since on_work_ was called last.
  struct IdleLoops {
    bool are_there = false;
    MonoTime look_at{};  ///< They will look again at this time.
  };

  Host& host_of(const ImageTask& task) DOUTU_REQUIRES(mutex_);
  Host& own_host_of(const ImageTask& task) DOUTU_REQUIRES(mutex_);
  void note(Host& host, HostSchedule::Sign sign) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] std::size_t room_of(const Host& host) const DOUTU_REQUIRES(mutex_);
  void hold(Host& host, ImageTask task) DOUTU_REQUIRES(mutex_);
  void hold_back(Host& host, ImageTask task) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] bool has_room_for_detour(const ImageTask& task, const std::string& to) DOUTU_REQUIRES(mutex_);
  void begin_detour(const ImageTask& task) DOUTU_REQUIRES(mutex_);
  void end_detour(const ImageTask& task) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] bool may_start(Host& host) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] MonoTime may_start_at(Host& host) DOUTU_REQUIRES(mutex_);
  void see_to_robots(const Host& host, ImageTask& task) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] std::optional<ImageTask> take(Host& host) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] bool has_stale_detour(const Host& host) const DOUTU_REQUIRES(mutex_);
  void send_back(Host& from) DOUTU_REQUIRES(mutex_);
  void request_started(Host& host, ImageTask& task) DOUTU_REQUIRES(mutex_);
  HostSchedule::Cost request_ended(Host& host, ImageTask& task, const AttemptResult* result) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] std::string notice_of(const ImageTask& task, const AttemptResult& result, HostSchedule::Cost cost)
      DOUTU_REQUIRES(mutex_);
  [[nodiscard]] Verdict try_again_at_no_cost(Host& host, ImageTask task, milliseconds wait) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] Verdict judge(Host& host, ImageTask task, const AttemptResult& result, HostSchedule::Cost cost)
      DOUTU_REQUIRES(mutex_);
  /// Files the host where it belongs now: waiting for a slot, for a time or for a call, or forgotten.
  void settle(Host& host) DOUTU_REQUIRES(mutex_);
  [[nodiscard]] Slots::Group group_of(const Host& host) const DOUTU_REQUIRES(mutex_);
  [[nodiscard]] Slots::Group worth_of(const Host& host) const DOUTU_REQUIRES(mutex_);
  void set_timer(Host& host, MonoTime time) DOUTU_REQUIRES(mutex_);
  void fire_timers() DOUTU_REQUIRES(mutex_);
  [[nodiscard]] Wait first_timer() const DOUTU_REQUIRES(mutex_);
  [[nodiscard]] Wait until_next() const DOUTU_REQUIRES(mutex_);
  void forget(Host& host) DOUTU_REQUIRES(mutex_);
  /// Gives the mutex back, then wakes a loop that found nothing if there may be something now.
  void unlock_and_wake(MutexLock& lock) DOUTU_RELEASE(mutex_);
  [[nodiscard]] bool wakes_now() DOUTU_REQUIRES(mutex_);
  [[nodiscard]] bool may_give() const DOUTU_REQUIRES(mutex_);
  [[nodiscard]] std::uint32_t random() DOUTU_REQUIRES(mutex_);

  // Constant after construction.
  const CrawlSettings settings_;
  const std::function<void()> on_work_;

  mutable Mutex mutex_;
  FrontierHosts hosts_ DOUTU_GUARDED_BY(mutex_);
  Slots slots_ DOUTU_GUARDED_BY(mutex_);                    ///< Hosts that may start.
  HostTimers timers_ DOUTU_GUARDED_BY(mutex_);              ///< Hosts that may start later.
  std::vector<std::int64_t> low_ DOUTU_GUARDED_BY(mutex_);  ///< Hosts that want a refill.
  ImagesInHand in_hand_ DOUTU_GUARDED_BY(mutex_);
  Detours detours_ DOUTU_GUARDED_BY(mutex_);
  Gate gate_ DOUTU_GUARDED_BY(mutex_);
  std::vector<ServerRobots> robots_read_ DOUTU_GUARDED_BY(mutex_);
  IdleLoops idle_loops_ DOUTU_GUARDED_BY(mutex_);
  MonoTime now_ DOUTU_GUARDED_BY(mutex_){};          ///< The latest time that anyone told.
  MonoTime answered_at_ DOUTU_GUARDED_BY(mutex_){};  ///< When any host answered last.
  ReachNotice reach_notice_ DOUTU_GUARDED_BY(mutex_);
  std::uint32_t random_ DOUTU_GUARDED_BY(mutex_);
};

}  // namespace doutu

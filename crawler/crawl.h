// Crawl: the parent's run. Starts the downloader and the fetchers, hands out pages, restarts what dies, and ends when
// the ledger has everything. It parses nothing from the network and writes no image. One thread.
//
// There is one path for facts: fetcher -> lane -> ledger -> parent. A page's outcome is known here only when the
// downloader says page_recorded, and this class alone decides what follows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "crawler/child_host.h"
#include "crawler/crawl_loop.h"
#include "crawler/crawl_start.h"
#include "crawler/decoder_on_call.h"
#include "crawler/heartbeat.h"
#include "crawler/view/crawl_view.h"
#include "shared/http/reach_notice.h"
#include "shared/lane/shared_lane.h"
#include "shared/process/restart_policy.h"

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
  ~Crawl();

  /// Runs until the crawl has ended and every child is gone.
  CrawlEnd run();

 private:
  enum class Phase { running, finishing, ending };

  /// One of the --fetchers places. Its child comes and goes.
  struct Fetcher {
    Fetcher(std::string its_name, CrawlLoop& loop) : name(std::move(its_name)), restart_timer(loop.make_timer()) {}

    const std::string name;
    std::unique_ptr<Child> child;
    std::uint64_t generation = 0;  ///< Of its lane; a new one for every child.
    MonoTime started{};
    bool ready = false;
    bool worked = false;                ///< Has finished a page.
    std::optional<std::uint64_t> page;  ///< In hand: its PageEnd is not known to be in the lane.
    MonoTime page_given{};              ///< When it got it.
    bool too_slow = false;              ///< Killed by us: the page ran past its deadline.
    bool silent = false;                ///< Killed by us: no heartbeat.
    bool killed = false;                ///< By us, for whatever: its end is on its way.
    bool restarting = false;            ///< The timer runs.
    std::uint32_t starts = 0;
    RestartPolicy restarts;
    std::unique_ptr<Timer> restart_timer;
  };
  /// A page that a fetcher was given and that the ledger has not settled.
  struct PageInHand {
    std::uint32_t attempt = 0;
    std::uint64_t generation = 0;
    std::string url;
    bool put = false;               ///< Its fetcher says that it is done with it.
    std::optional<Cause> given_up;  ///< page_failed was sent with it; the answer settles the page.
    std::uint16_t http_status = 0;
  };
  /// A lane that the downloader has not drained to its end.
  struct OpenLane {
    LaneDescriptors lane;
    bool closed = false;  ///< Its fetcher is dead.
    bool broken = false;  ///< A page of it ended as bad_records: that one broke the rules, those behind it did not.
    // When it is: the page that was in hand, and what became of the fetcher.
    std::optional<std::uint64_t> page;
    bool too_slow = false;
    Strikes::Death death = Strikes::Death::crash;
  };

  // The downloader.
  void start_downloader();
  void start_downloader_after(Duration delay);
  void introduce();
  void on_downloader_message(Message& message);
  void on_downloader_exit(Exit exit);
  void note_suspects();
  [[nodiscard]] std::vector<std::int64_t> in_flight() const;
  void announce(std::uint64_t generation, const OpenLane& lane);
  void tell_downloader(Message message, std::vector<int> fds = {});

  // Fetchers.
  void start_fetcher_if_needed();
  [[nodiscard]] bool has_fetcher() const;
  [[nodiscard]] bool wants_images() const;
  /// It wants_images() for some time; looks again when that time is over.
  [[nodiscard]] bool is_hungry();
  void start_fetcher(Fetcher& fetcher);
  void start_after(Duration delay, Fetcher& fetcher);
  void cannot_start(Fetcher& fetcher, const Error& error);
  void on_fetcher_message(Fetcher& fetcher, const Message& message);
  void on_page_put(const Fetcher& fetcher);
  void on_fetcher_exit(Fetcher& fetcher, Exit exit);
  enum class Killed { no, from_outside };
  void restart_fetcher(Fetcher& fetcher, Killed killed);
  void on_lane_drained(std::uint64_t generation);
  void try_again_or_give_up(std::uint64_t page, const OpenLane& lane);

  // Pages.
  void hand_out_pages();
  void give_pages_to_the_free();
  [[nodiscard]] std::size_t unrecorded(std::uint64_t generation) const;
  void on_page_recorded(const PageRecorded& recorded);
  [[nodiscard]] bool is_behind_the_culprit(std::uint64_t generation);
  void kill_fetcher_of(std::uint64_t generation);
  static void kill(Fetcher& fetcher);
  void tell_of_trouble(const std::string& url, const PageResult& result);
  void give_up(std::uint64_t page, Cause cause, std::uint16_t http_status = 0);
  [[nodiscard]] PageFailed failure_of(std::uint64_t page) const;
  void finish_if_all_settled();

  // The clock.
  void on_tick();
  [[nodiscard]] bool is_too_slow(const Fetcher& fetcher, MonoTime now) const;
  [[nodiscard]] milliseconds time_for_page() const;
  void see_to_fetcher(Fetcher& fetcher, MonoTime now);
  void see_to_downloader(MonoTime now);

  // What is shown (crawl_figures.cpp).
  void show();
  [[nodiscard]] CrawlFigures figures(MonoTime now);
  void read_downloader(CrawlFigures& figures);
  [[nodiscard]] ProcessFigures figures_of(const Fetcher& fetcher, MonoTime now) const;
  [[nodiscard]] ProcessFigures figures_of_downloader() const;
  [[nodiscard]] WaitSigns wait_signs(const CrawlFigures& figures, MonoTime now) const;

  // The end.
  void on_signal(int number);
  void suspend();
  void end(CrawlEnd::Why why, std::string message = {}, int signal = 0);
  void stop_if_empty();
  [[nodiscard]] static bool may_pass(const Error& error);
  [[nodiscard]] std::optional<Duration> delay_after(const Error& error, const std::string& child,
                                                    RestartPolicy& restarts);

  CrawlStart& start_;
  CrawlLog& log_;
  PagePlan& plan_;
  const CrawlSettings& settings_;

  CrawlLoop& loop_;
  ChildHost& host_;
  std::unique_ptr<Timer> tick_timer_, page_timer_, hunger_timer_, downloader_timer_;
  Phase phase_ = Phase::running;
  std::optional<CrawlEnd> end_;
  MonoTime end_by_ = MonoTime::max();  ///< When the downloader is killed, once the end was asked for.
  Heartbeats heartbeats_;

  DecoderOnCall decoder_;
  std::unique_ptr<Child> downloader_;
  MonoTime downloader_started_{};
  bool downloader_ready_ = false;
  bool downloader_worked_ = false;
  bool downloader_silent_ = false;  ///< Killed for its silence.
  RestartPolicy downloader_restarts_;
  std::uint64_t saved_so_far_ = 0;            ///< By all downloaders of this run: more of it is work done.
  std::map<std::int64_t, Strikes> suspects_;  ///< Images that were in flight when a downloader crashed.
  std::set<std::int64_t> given_up_images_;    ///< Crashed too many.

  std::vector<std::unique_ptr<Fetcher>> fetchers_;
  std::map<std::uint64_t, OpenLane> lanes_;  ///< By generation, until drained.
  std::unordered_map<std::uint64_t, PageInHand> pages_;

  const MonoTime began_;
  MonoTime no_fetcher_before_{};       ///< The system had no room for another, and some work.
  std::optional<MonoTime> hungry_at_;  ///< While the downloader wants images: when that has lasted.
  MonoTime no_page_before_{};          ///< Pages are left, and the plan holds them back until then.
  std::uint32_t downloader_starts_ = 0;
  ReachNotice reach_notice_;
  std::map<std::string, std::uint64_t> page_failures_;   ///< By cause name.
  AccountTally images_;                                  ///< As a downloader said last, or the ledger at the start,
  std::map<std::string, std::uint64_t> image_failures_;  ///< by cause name.
  CrawlView view_;
};

}  // namespace doutu

// FetcherPlace: one of the --fetchers places, whose child comes and goes. Its state is what the parent knows of that
// child; next_state() is the table of what may happen in which state. Decisions are FetcherPool's (fetcher_pool.h). The
// parent's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "crawler/children/child_host.h"
#include "crawler/run/crawl_loop.h"
#include "crawler/run/heartbeat.h"
#include "shared/process/restart_policy.h"

namespace doutu {

enum class PlaceState {
  vacant,      ///< Nobody is there.
  restarting,  ///< Nobody is there, and nobody is started before a time.
  starting,    ///< The child has not said that it is ready.
  idle,        ///< It waits for a page.
  fetching,    ///< It has a page in hand: that page's end is not known to be in the lane.
  killed,      ///< By us; its end is on its way. It is given no page.
};
enum class PlaceEvent { started, ready, page_given, killed, exited, delayed, delay_over };

/// nullopt: it cannot happen there.
[[nodiscard]] std::optional<PlaceState> next_state(PlaceState state, PlaceEvent event);

/// What a fetcher left behind.
struct FetcherDeath {
  std::uint64_t generation = 0;
  std::optional<std::uint64_t> page{};  ///< That it had in hand.
  bool too_slow = false;                ///< It died of the time that this page took.
  Strikes::Death death = Strikes::Death::crash;
  std::optional<Duration> delay{};  ///< Before the next start; nullopt: it does not start.
};

class FetcherPlace {
 public:
  /// Why we killed a fetcher.
  static constexpr std::uint64_t kNoPage = 0;
  enum class Kill { none, silent, too_slow, broke_rules, crawl_ends };

  /// The loop outlives it.
  FetcherPlace(std::string name, CrawlLoop& loop) : name_(std::move(name)), loop_(loop), timer_(loop.make_timer()) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] PlaceState state() const { return state_; }
  /// nullptr: there is none.
  [[nodiscard]] Child* child() const { return child_.get(); }
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] MonoTime started() const { return started_; }
  [[nodiscard]] std::optional<std::uint64_t> page() const { return page_; }
  /// A request before the first page is in hand, and not answered.
  [[nodiscard]] bool is_preparing() const { return is_preparing_; }
  [[nodiscard]] bool take_answer() { return std::exchange(is_preparing_, false); }
  [[nodiscard]] MonoTime page_given() const { return page_given_; }
  [[nodiscard]] std::uint32_t starts() const { return starts_; }
  [[nodiscard]] bool allows(PlaceEvent event) const { return next_state(state_, event).has_value(); }

  // What happens. Precondition of each: allows(its event).

  void take(NewChild& started);
  void give(FetchPage page);
  /// A request before the first page (page() is kNoPage then).
  void prepare(Prepare request);
  /// Answers the fetcher; false: it has asked more often than a page may be redirected.
  [[nodiscard]] bool tell_cookies(std::string cookies, std::uint32_t most);
  /// The page that it is done with; nullopt: it has just come.
  std::optional<std::uint64_t> become_ready();
  void kill(Kill why);
  [[nodiscard]] FetcherDeath exit(const Exit& exit);
  /// Nobody is started here before the delay is over.
  void delay(Duration delay, std::function<void()> then);
  [[nodiscard]] std::optional<Duration> delay_after_failed_start(const Error& error) {
    return restarts_.after_failed_start(error);
  }
  /// No delay ends any more.
  void stay() { timer_->cancel(); }

 private:
  void move(PlaceEvent event);
  [[nodiscard]] bool is_up() const { return state_ == PlaceState::idle || state_ == PlaceState::fetching; }

  const std::string name_;
  CrawlLoop& loop_;
  const std::unique_ptr<Timer> timer_;
  PlaceState state_ = PlaceState::vacant;
  RestartPolicy restarts_;
  std::uint32_t starts_ = 0;

  // Of the child.
  std::unique_ptr<Child> child_;
  std::uint64_t generation_ = 0;  ///< Of its lane; a new one for every child.
  MonoTime started_{};
  bool worked_ = false;  ///< Its death is none before the first job.
  Kill why_killed_ = Kill::none;
  std::optional<std::uint64_t> page_;
  MonoTime page_given_{};
  bool is_preparing_ = false;
  std::uint32_t asked_ = 0;  ///< For cookies, with this page.
};

}  // namespace doutu

// PagePlan: which page is fetched next, which attempt of it, and what a page's outcome means. New pages come from a
// PageSource. The schedule of the site (host_schedule.h) says when one may start. Retries are the plan's. Pure: takes
// values and times, does no I/O. The parent's thread.
//
// Pages differ from images in two points. Several may be in flight before the site has answered. When the site is given
// up, each page is still tried as often as --retries says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "crawler/plan/page_counters.h"
#include "crawler/plan/page_source.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/politeness/host_schedule.h"
#include "shared/politeness/reach_notice.h"
#include "shared/politeness/refusals.h"
#include "shared/politeness/turns.h"
#include "shared/process/restart_policy.h"

namespace doutu {

/// How an attempt at a page ended.
struct PageResult {
  Cause cause = Cause::none;
  int http_status = 0;
  std::uint32_t images = 0;
  seconds retry_after{0};
  bool elsewhere = false;  ///< Another host ended it, to which the page was redirected.
};

class PagePlan {
 public:
  PagePlan(std::unique_ptr<PageSource> source, const CrawlSettings& settings);
  PagePlan(const PagePlan&) = delete;
  PagePlan& operator=(const PagePlan&) = delete;

  /// What the ledger says of a page of this job; before the first next().
  void recall(const PageRow& row);

  /// The page to fetch now: retries that are due, then new ones. Pages that were refused take turns with new ones.
  /// Two are given out at least host_gap apart: all are on one host. When there is none, wake_at is when there may be
  /// one (MonoTime::max(): none waits, or until one in hand has ended). The task is in hand until one of the calls
  /// below.
  [[nodiscard]] std::optional<PageTask> next(MonoTime now, MonoTime& wake_at);

  enum class Decision { settled, retry, give_up };
  /// The attempt was recorded. give_up: the page has failed, which is settled once confirm_failure() is called. What
  /// the site's failures cost the page, and when the next may start, the schedule says. What another host says, to
  /// which a page was redirected, is about that page alone, unless it is there that the site's pages are.
  Decision recorded(const PageTask& task, const PageResult& result, MonoTime now);
  /// With the page that was recorded last.
  [[nodiscard]] Patience patience() const;
  /// The fetcher died with the page in hand: tried again at once, or given up as page-kills-fetcher.
  Decision fetcher_died(const PageTask& task, Strikes::Death death);
  /// The fetcher died after it was done with the page, which was not recorded: tried again at once.
  void repeat(const PageTask& task);
  /// The ledger has the page as failed.
  void confirm_failure(const PageTask& task);

  /// Whether every page is settled.
  [[nodiscard]] bool all_settled() const { return counters_.pending() == 0; }
  /// Pages that are neither settled nor in hand.
  [[nodiscard]] std::uint64_t waiting() const { return counters_.pending() - in_hand_; }
  [[nodiscard]] const PageCounters& counters() const { return counters_; }

 private:
  struct FailedPage {
    std::uint32_t attempt = 0;   ///< The last one given out.
    std::uint32_t failures = 0;  ///< Attempts that counted.
    Refusals::Past refused{};    ///< By the site.
    Strikes strikes{};
  };
  struct Retry {
    MonoTime due;
    PageTask last;  ///< The attempt before it.
    bool operator>(const Retry& other) const { return due > other.due; }
  };
  using Retries = std::priority_queue<Retry, std::vector<Retry>, std::greater<>>;

  [[nodiscard]] std::optional<PageTask> next_task(MonoTime now);
  [[nodiscard]] static std::optional<PageTask> take_due(Retries& retries, MonoTime now);
  [[nodiscard]] HostSchedule::Cost tell_site(const PageTask& task, const PageResult& result, MonoTime now);
  [[nodiscard]] bool is_astray(const PageResult& result);
  [[nodiscard]] Duration wait_after(const FailedPage& failed_page, const PageResult& result,
                                    HostSchedule::Cost cost) const;
  void break_off(const PageTask& task);
  [[nodiscard]] FailedPage& failed_page_of(const PageTask& task);
  void settle(const PageTask& task, std::uint64_t PageCounters::*as);
  void queue(Retries& retries, const PageTask& task, MonoTime due);

  const std::unique_ptr<PageSource> source_;
  const CrawlSettings settings_;
  PageCounters counters_;
  std::uint64_t in_hand_ = 0;
  HostSchedule site_;
  std::unordered_map<std::uint64_t, HostSchedule::Ticket> tickets_;  ///< Of attempts that have not ended.
  HostSchedule::Cost last_cost_ = HostSchedule::Cost::attempt;       ///< Of what was recorded last.
  bool is_here_ = false;                                             ///< A page came from the server that was asked,
  bool is_elsewhere_ = false;  ///< or from one that it was redirected to, or two were refused there.
  bool was_astray_ = false;    ///< One was refused there.
  /// Pages that need more than one attempt, or that the ledger has begun; few.
  std::unordered_map<std::uint64_t, FailedPage> failed_;
  Retries retries_;
  Retries refused_;  ///< Those that the site refused once: they take turns with new ones.
  Turns turns_;
};

}  // namespace doutu

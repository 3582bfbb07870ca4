// PagePlan: which page is fetched next, which attempt of it, and what a page's outcome means. New pages come from a
// PageSource; retries and politeness are the plan's. Pure: takes values and times, does no I/O. The parent's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "crawler/plan/page_source.h"
#include "crawler/plan/page_tally.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/politeness/reach_notice.h"
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
  PagePlan(std::unique_ptr<PageSource> source, const PolitenessOptions& politeness);
  PagePlan(const PagePlan&) = delete;
  PagePlan& operator=(const PagePlan&) = delete;

  /// What the ledger says of a page of this account; before the first next().
  void recall(const PageRow& row);

  /// The page to fetch now: retries that are due, then new ones. Pages that were refused take turns with new ones.
  /// Two are given out at least host_gap apart: all are on one host. When there is none, wake_at is when there may be
  /// one (MonoTime::max(): none waits). The task is in hand until one of the calls below.
  [[nodiscard]] std::optional<PageTask> next(MonoTime now, MonoTime& wake_at);

  enum class Decision { settled, retry, give_up };
  /// The attempt was recorded. give_up: the page has failed, which is settled once confirm_failure() is called. While
  /// a server that has answered in this run is out of reach or throttles (429, 503 with Retry-After), nothing is given
  /// out but a probe now and then, and no attempt counts, for at most outage_wait. A page that is throttled again
  /// though many others were answered meanwhile, or all others that are left to fetch, while none was refused that was
  /// not before, and none of the refused came after all, is throttled alone: it fails like any other. Retry-After holds
  /// the others up as far as further pages are told the same (believed_of_host()); beyond that the page itself waits
  /// for at most retry_wait_max at a time. What another host says, to which a page was redirected, is about that page
  /// alone, unless it is there that the site's pages are.
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
  [[nodiscard]] bool all_settled() const { return tally_.pending() == 0; }
  /// Pages that are neither settled nor in hand.
  [[nodiscard]] std::uint64_t waiting() const { return tally_.pending() - in_hand_; }
  [[nodiscard]] const PageTally& tally() const { return tally_; }

 private:
  struct Troubled {
    std::uint32_t attempt = 0;    ///< The last one given out.
    std::uint32_t failures = 0;   ///< Attempts that came to an end, with a temporary cause.
    std::uint32_t throttled = 0;  ///< How often, and when it was last:
    std::uint64_t answers = 0;    ///< how many others the server had answered,
    std::uint64_t refused = 0;    ///< how many it had throttled,
    std::uint64_t relented = 0;   ///< and how many of these had come after all.
    bool alone = false;           ///< It was about this page.
    Strikes strikes{};
  };
  struct Retry {
    MonoTime due;
    PageTask last;  ///< The attempt before it.
    bool operator>(const Retry& other) const { return due > other.due; }
  };

  [[nodiscard]] std::optional<PageTask> next_retry(MonoTime now);
  [[nodiscard]] bool is_astray(const PageResult& result);
  [[nodiscard]] milliseconds believed(const PageResult& result) const;
  [[nodiscard]] bool is_throttled_alone(const PageTask& task, const PageResult& result);
  Decision wait_out(const PageTask& task, const PageResult& result, MonoTime now);
  [[nodiscard]] bool is_outage(const PageResult& result, MonoTime now) const;
  [[nodiscard]] Troubled& troubled_of(const PageTask& task);
  void settle(const PageTask& task, std::uint64_t PageTally::*as);
  void queue_retry(const PageTask& task, MonoTime due);

  const std::unique_ptr<PageSource> source_;
  const PolitenessOptions politeness_;
  PageTally tally_;
  std::uint64_t in_hand_ = 0;
  std::optional<MonoTime> last_answer_;  ///< When the server last gave an answer that does not throttle, or its first.
  std::uint64_t answers_ = 0;            ///< Of those, in all.
  std::uint64_t refused_ = 0;            ///< Pages that were throttled, once or more.
  std::uint64_t relented_ = 0;           ///< Of these, those that came after all: that is a limit of rates.
  std::uint32_t probes_ = 0;             ///< Since then, without one.
  seconds asked_{0};                     ///< Retry-After of the last page that was refused.
  bool was_retry_ = false;               ///< The page that was given out last had been refused.
  bool waits_out_ = false;               ///< What was recorded last: the server is out of reach, or throttles.
  bool is_here_ = false;                 ///< A page came from the server that was asked,
  bool is_elsewhere_ = false;            ///< or from one that it was redirected to, or two were refused there.
  bool was_astray_ = false;              ///< One was refused there.
  MonoTime hold_until_ = MonoTime::min();  ///< The server is out of reach, or throttles.
  MonoTime next_start_ = MonoTime::min();  ///< By the gap.
  /// Pages that need more than one attempt, or that the ledger has begun; few.
  std::unordered_map<std::uint64_t, Troubled> troubled_;
  std::priority_queue<Retry, std::vector<Retry>, std::greater<>> retries_;
};

}  // namespace doutu

// PagePlan: which page is fetched next, which attempt of it, and what a page's outcome means. Pages come from a
// PageSource, which the user has named, and from links (FoundPages). The schedule of each site (host_schedule.h) says
// when one may start. Retries are the plan's. Pure: takes values and times, does no I/O. The parent's thread.
//
// Order: pages of deeper steps first, so that what a list page leads to is fetched before the next list page. But the
// next list page comes early enough that no fetcher waits for its links.
//
// Pages differ from images in two points. Several may be in flight before the site has answered. When the site is given
// up, each page is still tried as often as --retries says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crawler/plan/found_pages.h"
#include "crawler/plan/page_counters.h"
#include "crawler/plan/page_site.h"
#include "crawler/plan/page_source.h"
#include "crawler/plan/range_end.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/politeness/host_schedule.h"
#include "shared/politeness/reach_notice.h"
#include "shared/politeness/refusals.h"
#include "shared/process/restart_policy.h"
#include "shared/robots/robots_book.h"

namespace doutu {

/// How an attempt at a page ended.
struct PageResult {
  Cause cause = Cause::none;
  int http_status = 0;
  std::uint32_t images = 0;
  seconds retry_after{0};
  bool elsewhere = false;        ///< Another host ended it, to which the page was redirected.
  std::uint32_t fresh = 0;       ///< Images that the job had not met.
  bool has_links = false;        ///< To pages of a deeper step.
  bool has_fresh_links = false;  ///< Some of these to pages that the job had not met.
  bool is_redirected = false;
  std::uint64_t known_in_row = 0;  ///< Images in a row that an earlier job has, the last ones of the job.
};

class PagePlan {
 public:
  PagePlan(std::unique_ptr<PageSource> source, const CrawlSettings& settings);
  PagePlan(const PagePlan&) = delete;
  PagePlan& operator=(const PagePlan&) = delete;

  /// What the ledger says of a page of this job; before the first next().
  void recall(const PageRow& row);

  // --- Giving out.

  /// The page to fetch now: retries that are due, then new ones. Pages that were refused take turns with new ones.
  /// Two of one site are given out at least host_gap apart. When there is none, wake_at is when there may be one
  /// (MonoTime::max(): none waits, or until one in hand has ended, or until found pages are told). The task is in hand
  /// until one of the calls below.
  [[nodiscard]] std::optional<PageTask> next(MonoTime now, MonoTime& wake_at);

  /// Pages that are settled without a fetch, each once; in hand until the ledger has them. Cause::none: beyond the end.
  struct Unfetched {
    PageTask task;
    Cause cause = Cause::none;
  };
  [[nodiscard]] std::vector<Unfetched> take_unfetched();

  /// Why fewer pages are asked for than there may be, once: what an open range ended by, or enough known images.
  struct EarlyEnd {
    std::optional<RangeEnd::End> range;  ///< nullopt: --until-known.
  };
  [[nodiscard]] std::optional<EarlyEnd> take_early_end() { return std::exchange(early_end_, std::nullopt); }

  /// Pages on their way from the ledger.
  [[nodiscard]] FoundPages& found() { return found_; }

  // --- robots.txt.

  /// What a server ("https://example.com:443") says, until then. Its pages wait from now on as long as it asks.
  void note_robots(const std::string& server, RobotsBook::Rules rules, MonoTime until, MonoTime now);
  /// Of the page's server; nullptr: the page obeys none, or it is not known.
  [[nodiscard]] RobotsBook::Rules robots_of(const PageTask& task, MonoTime now) const;

  // --- Outcomes.

  enum class Decision { settled, retry, give_up, beyond_end };
  /// The attempt was recorded. give_up: the page has failed, which is settled once confirm_failure() is called.
  /// beyond_end: it is settled once confirm_beyond_end() is called. What the site's failures cost the page, and when
  /// the next may start, the schedule says. What another host says, to which a page was redirected, is about that page
  /// alone, unless it is there that the site's pages are.
  Decision recorded(const PageTask& task, const PageResult& result, MonoTime now);
  /// With the page that was recorded last.
  [[nodiscard]] Patience patience() const;
  /// The fetcher died with the page in hand: tried again at once, or given up as page-kills-fetcher.
  Decision fetcher_died(const PageTask& task, Strikes::Death death, MonoTime now);
  /// The fetcher died after it was done with the page, which was not recorded: tried again at once.
  void repeat(const PageTask& task, MonoTime now);
  /// The ledger has the page as failed.
  void confirm_failure(const PageTask& task, Cause cause = Cause::none);
  void confirm_beyond_end(const PageTask& task);
  /// What the ledger has of links by now: its last found page (0: none), and how many pages an earlier job has.
  void note_links(std::uint64_t last_found, std::uint64_t known);

  // --- Figures.

  /// Whether every page is settled.
  [[nodiscard]] bool all_settled() const { return !has_more() && counters().pending() == 0; }
  /// Pages that are neither settled nor in hand, as far as they are known; at least one where more may come.
  [[nodiscard]] std::uint64_t waiting() const;
  [[nodiscard]] PageCounters counters() const;

 private:
  struct FailedPage {
    std::uint32_t attempt = 0;   ///< The last one given out.
    std::uint32_t failures = 0;  ///< Attempts that counted.
    Refusals::Past refused{};    ///< By the site.
    Strikes strikes{};
  };
  /// Of a request for a page.
  struct Ticket {
    HostSchedule::Ticket of_schedule;
    PageSite* site;
    bool reads_robots;  ///< Its server's robots.txt was not known.
  };
  /// Whether the source may have pages that nobody counts.
  [[nodiscard]] bool has_more() const { return is_range_open_ && !is_stopped_ && !is_named_out_; }
  [[nodiscard]] std::optional<PageTask> take_waiting(MonoTime now, MonoTime& wake_at);
  [[nodiscard]] std::optional<PageTask> take_new(MonoTime now, MonoTime& wake_at);
  [[nodiscard]] std::optional<PageTask> take_refused(MonoTime now);
  [[nodiscard]] std::optional<PageTask> pick_new();
  [[nodiscard]] std::optional<PageTask> next_list();
  [[nodiscard]] std::optional<PageTask> next_named();
  [[nodiscard]] std::optional<PageTask> next_found(FoundPages::Which which);
  [[nodiscard]] bool lists_pages(const PageTask& task) const { return last_step_ == 1 || task.step < last_step_; }
  [[nodiscard]] MonoTime may_start_at(const PageSite& site, MonoTime now) const;
  [[nodiscard]] std::optional<PageTask> give_out(PageTask task, PageSite& site, MonoTime now);
  [[nodiscard]] HostSchedule::Cost tell_site(const PageTask& task, const PageResult& result, MonoTime now);
  [[nodiscard]] static bool is_astray(PageSite& site, const PageResult& result);
  [[nodiscard]] Duration wait_after(const FailedPage& failed_page, const PageResult& result,
                                    HostSchedule::Cost cost) const;
  [[nodiscard]] bool is_of_open_range(const PageTask& task) const;
  [[nodiscard]] bool is_beyond_end(const PageTask& task, const PageResult& result);
  void end(const RangeEnd::End& end);
  void end_at(std::uint64_t number);
  [[nodiscard]] bool has_room_for_unfetched() const;
  void stop_listing();
  void settle_unfetched(PageTask task, Cause cause);
  [[nodiscard]] bool obeys(const PageTask& task) const;
  [[nodiscard]] std::optional<Ticket> take_ticket(const PageTask& task);
  void break_off(const PageTask& task);
  void was_not_asked(const PageTask& task, MonoTime now);
  [[nodiscard]] FailedPage& failed_page_of(const PageTask& task);
  void settle(const PageTask& task, std::uint64_t PageCounters::*as);

  const std::unique_ptr<PageSource> source_;
  const CrawlSettings settings_;
  const std::uint32_t last_step_;
  const bool is_range_open_;  ///< Nobody has said where it ends.
  PageCounters counters_;     ///< But for those that were asked.
  std::uint64_t in_hand_ = 0;
  std::uint64_t named_ = 0;  ///< Pages of the source, given out or settled by a run before.
  std::uint64_t named_settled_ = 0;
  bool is_named_out_ = false;  ///< The source has no more.
  bool is_stopped_ = false;    ///< No more pages that list others or images are given out: --until-known.
  RangeEnd range_end_;
  std::optional<std::uint64_t> end_;           ///< Of an open range: the first page that does not exist.
  std::optional<std::uint64_t> recalled_end_;  ///< That a run before has found.
  std::optional<EarlyEnd> early_end_;
  FoundPages found_;
  PageSites sites_;
  RobotsBook robots_;
  std::size_t parked_ = 0;                                      ///< In all sites.
  std::unordered_map<std::uint64_t, Ticket> tickets_;           ///< Of attempts that have not ended.
  std::uint32_t lists_in_hand_ = 0;                             ///< Of these, those of pages that list others.
  HostSchedule::Cost last_cost_ = HostSchedule::Cost::attempt;  ///< Of what was recorded last.
  /// Pages that need more than one attempt, or that the ledger has begun; few.
  std::unordered_map<std::uint64_t, FailedPage> failed_;
  std::unordered_map<std::uint64_t, PageTask> empty_;  ///< Of an open range: they may turn out to be beyond its end.
  std::vector<Unfetched> unfetched_;
};

}  // namespace doutu

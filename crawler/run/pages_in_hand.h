// PagesInHand: the pages that fetchers were given and that the ledger has not settled, and the lanes that they are in.
// It tells the downloader of both, and a new downloader of all of them again. It asks the plan what a page's outcome
// means. Facts take one path: fetcher -> lane -> ledger -> here. The parent's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "crawler/plan/page_plan.h"
#include "crawler/run/admission.h"
#include "crawler/run/downloader_link.h"
#include "crawler/run/fetcher_place.h"
#include "crawler/view/crawl_log.h"
#include "shared/politeness/reach_notice.h"

namespace doutu {

class PagesInHand {
 public:
  using FailureCounts = std::map<std::string, std::uint64_t>;  ///< By cause name.

  /// All references outlive it. failures: of the job so far.
  PagesInHand(PagePlan& plan, Admission& admission, DownloaderLink& downloader, CrawlLog& log, FailureCounts failures)
      : plan_(plan), admission_(admission), downloader_(downloader), log_(log), failures_(std::move(failures)) {}

  // What fetchers do.

  void open_lane(std::uint64_t generation, LaneDescriptors lane);
  /// Its fetcher is given it after that: the lane may have records of it before this process runs again.
  void assign(const PageTask& task, std::uint64_t generation);
  /// Its fetcher says that the lane has all of it.
  void put(std::uint64_t page, std::uint64_t generation);
  /// Its fetcher is dead.
  void close_lane(const FetcherDeath& fetcher);

  // What the downloader says.

  /// The generation of a lane whose fetcher broke the rules and is to be killed.
  [[nodiscard]] std::optional<std::uint64_t> on_recorded(const PageRecorded& recorded, MonoTime now);
  /// What the ledger has not of the pages of a dead fetcher is fetched again, or given up.
  void on_lane_drained(std::uint64_t generation, MonoTime now);
  /// Pages that links lead to.
  void on_waiting(PageTask task) { plan_.found().told(std::move(task)); }
  /// Of a server that something of the crawl has asked.
  void on_robots(const RobotsKnown& known, MonoTime now);
  void on_told(const PagesTold& told) { plan_.found().told_up_to(told.up_to); }
  /// It is a new one.
  void introduce();

  // What the plan wants.

  /// Has the pages settled that are not fetched, and asks for those that links lead to. After each change.
  void follow_plan();

  /// Pages of that lane.
  [[nodiscard]] std::size_t unrecorded(std::uint64_t generation) const;
  /// Empty: not in hand.
  [[nodiscard]] std::string url_of(std::uint64_t page) const;
  [[nodiscard]] const FailureCounts& failures() const { return failures_; }

 private:
  struct Page {
    PageTask task;
    std::uint64_t generation = 0;
    std::uint32_t round = 0;  ///< Of admission.
    std::string final_url{};  ///< Where the attempt ended; empty: at the URL.
    bool put = false;
    std::optional<Cause>
        given_up{};  ///< PageFailed was sent with it (none: beyond the end); the answer settles the page.
    std::uint16_t http_status = 0;

    /// "https://e/1, redirected to https://e/login"; of a robots.txt that could not be read, it says that.
    [[nodiscard]] std::string to_text() const;
  };
  /// One that the downloader has not drained to its end.
  struct Lane {
    LaneDescriptors descriptors;
    std::optional<FetcherDeath> closed{};
    bool broken = false;  ///< A page of it ended as bad_records: that one broke the rules, those behind it did not.
  };
  using Pages = std::unordered_map<std::uint64_t, Page>;

  void announce(std::uint64_t generation, const Lane& lane);
  void confirm_failure(Pages::iterator page);
  [[nodiscard]] bool is_behind_the_culprit(std::uint64_t generation);
  void decide(Pages::iterator page, const PageRecorded& recorded, MonoTime now);
  void report_failure(const Page& page, const PageResult& result, MonoTime now);
  void try_again_or_give_up(Page& page, const FetcherDeath& fetcher, MonoTime now);
  void give_up(Page& page, Cause cause, std::uint16_t http_status = 0);
  void say_failed(const Page& page);
  void leave_out(Page& page);
  [[nodiscard]] static PageFailed failure_of(const Page& page);

  PagePlan& plan_;
  Admission& admission_;
  DownloaderLink& downloader_;
  CrawlLog& log_;
  Pages pages_;
  std::map<std::uint64_t, Lane> lanes_;  ///< By generation.
  ReachNotice reach_notice_;
  FailureCounts failures_;
  std::map<std::string, std::uint64_t> said_failed_;  ///< By cause_name(), since this process began.
};

}  // namespace doutu

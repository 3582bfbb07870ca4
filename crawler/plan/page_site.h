// PageSite: what the plan knows of one server of pages ("https://example.com:443"): when it may be asked again, and
// which of its pages wait. PageSites finds the site of a page. Pure: takes values and times. The parent's thread.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/base/clock.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/crawl/page_task.h"
#include "shared/politeness/host_schedule.h"
#include "shared/politeness/turns.h"

namespace doutu {

class PageSite {
 public:
  explicit PageSite(const CrawlSettings& settings)
      : schedule(settings, HostSchedule::Past::unknown, {.at_first = HostSchedule::kNoLimit, .fails_untried = false}) {}

  HostSchedule schedule;
  /// An attempt at one of its pages was recorded: the cookies that it sets are known.
  bool is_met = false;
  MonoTime asked{};  ///< When the first of those in flight was.
  /// A page is in hand for which its robots.txt is read: the others would read the same one.
  bool is_reading_robots = false;
  bool is_listed = false;     ///< Among those that have pages waiting.
  bool is_here = false;       ///< A page came from the server that was asked,
  bool is_elsewhere = false;  ///< or from one that it was redirected to, or two were refused there.
  bool was_astray = false;    ///< One was refused there.
  Turns turns;

  /// MonoTime::max(): not before a page in hand has ended.
  [[nodiscard]] MonoTime may_start_at(MonoTime now) const {
    return is_reading_robots ? MonoTime::max() : schedule.may_start_at(now);
  }

  // Its pages that wait.

  void try_again(const PageTask& last_attempt, MonoTime due) { retries_.push({due, last_attempt}); }
  /// The site refused it once: such pages take turns with new ones.
  void try_refused_again(const PageTask& last_attempt, MonoTime due) { refused_.push({due, last_attempt}); }
  /// A new one, that came while the site might not be asked.
  void park(PageTask task) { parked_.push_back(std::move(task)); }

  /// Retries that are due, refused ones if it is their turn, then parked ones.
  [[nodiscard]] std::optional<PageTask> take(MonoTime now);
  /// A refused one that is due, whosever turn it is.
  [[nodiscard]] std::optional<PageTask> take_refused(MonoTime now) { return take_due(refused_, now); }
  [[nodiscard]] std::size_t parked() const { return parked_.size(); }
  [[nodiscard]] bool has_waiting() const { return !retries_.empty() || !refused_.empty() || !parked_.empty(); }
  /// When a retry is due; MonoTime::max(): there is none.
  [[nodiscard]] MonoTime next_due() const;

 private:
  struct Retry {
    MonoTime due;
    PageTask last;  ///< The attempt before it.
    bool operator>(const Retry& other) const { return due > other.due; }
  };
  using Retries = std::priority_queue<Retry, std::vector<Retry>, std::greater<>>;
  [[nodiscard]] static std::optional<PageTask> take_due(Retries& retries, MonoTime now);

  Retries retries_;
  Retries refused_;
  std::deque<PageTask> parked_;
};

class PageSites {
 public:
  /// settings outlives it.
  explicit PageSites(const CrawlSettings& settings) : settings_(settings) {}

  [[nodiscard]] PageSite& of(const PageTask& task, MonoTime now);
  /// By "https://example.com:443"; nullptr: no page of it was given out, or that is long ago.
  [[nodiscard]] PageSite* find(const std::string& server) const {
    const auto site = sites_.find(server);
    return site == sites_.end() ? nullptr : site->second.get();
  }
  /// It has got a page that waits.
  void waits(PageSite& site);
  /// Those that have pages waiting, beginning with another one each time.
  [[nodiscard]] const std::vector<PageSite*>& in_turn();

 private:
  static constexpr std::size_t kMany = 1024;
  void forget_idle(MonoTime now);

  const CrawlSettings& settings_;
  std::unordered_map<std::string, std::unique_ptr<PageSite>> sites_;
  std::string last_server_;  ///< Most pages are of the site of the page before.
  PageSite* last_ = nullptr;
  std::size_t forget_at_ = kMany;  ///< Sites.
  std::vector<PageSite*> waiting_;
};

}  // namespace doutu

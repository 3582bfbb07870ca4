#include "crawler/run/pages_in_hand.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "crawler/run/network.h"
#include "crawler/view/final_url_text.h"
#include "shared/base/escape.h"
#include "shared/robots/robots_rules.h"

namespace doutu {
namespace {

/// Of one cause; failures.jsonl has all of them.
constexpr std::uint64_t kFailuresNamed = 20;

/// What the lines of a list are is the fetcher's to read.
PageTask without_text(PageTask task) {
  task.text.clear();
  return task;
}

std::string text_of(const PagePlan::EarlyEnd& early) {
  if (!early.range) return "enough images in a row are known (--until-known); no further list pages are read";
  const std::uint64_t number = early.range->number;
  switch (early.range->why) {
    case RangeEnd::Why::not_there:
      return fmt::format("page {} is not there; the range ends before it", number);
    case RangeEnd::Why::nothing_new:
      return fmt::format("page {} has only images that this crawl has met before; the range ends behind it",
                         number - 1);
    case RangeEnd::Why::empty:
      return fmt::format("three pages in a row, from page {} on, are empty; the range ends before them", number);
    case RangeEnd::Why::failed:
      break;
  }
  return fmt::format("twenty pages in a row failed; page {} and those behind it are not asked for", number);
}

}  // namespace

// --- Fetchers and their lanes.

void PagesInHand::open_lane(std::uint64_t generation, LaneDescriptors lane) {
  announce(generation, lanes_.emplace(generation, Lane{.descriptors = std::move(lane)}).first->second);
}

/// A lane with the pages that may be in it.
void PagesInHand::announce(std::uint64_t generation, const Lane& lane) {
  const LaneDescriptors& fds = lane.descriptors;
  downloader_.tell(LaneOpened{generation}, {fds.memory.get(), fds.data.get(), fds.space.get()});
  for (const auto& [id, page] : pages_) {
    if (page.generation != generation || page.given_up) continue;
    downloader_.tell(PageAssigned{without_text(page.task), generation});
    if (page.put) downloader_.tell(PagePut{id, page.task.attempt, generation});
  }
  if (lane.closed) downloader_.tell(LaneClosed{generation});
}

void PagesInHand::introduce() {
  plan_.found().ask_again();
  for (const auto& [generation, lane] : lanes_) announce(generation, lane);
  for (const auto& [id, page] : pages_) {
    if (page.given_up) downloader_.tell(failure_of(page));
  }
}

void PagesInHand::assign(const PageTask& task, std::uint64_t generation) {
  pages_.insert_or_assign(task.id, Page{.task = task, .generation = generation, .round = admission_.round()});
  downloader_.tell(PageAssigned{without_text(task), generation});
}

/// The downloader holds the fetcher to its word: it would wait for a page that never comes, and the crawl with it.
void PagesInHand::put(std::uint64_t page, std::uint64_t generation) {
  const auto found = pages_.find(page);
  if (found == pages_.end() || found->second.generation != generation) return;
  found->second.put = true;
  downloader_.tell(PagePut{page, found->second.task.attempt, generation});
}

void PagesInHand::close_lane(const FetcherDeath& fetcher) {
  lanes_.at(fetcher.generation).closed = fetcher;
  downloader_.tell(LaneClosed{fetcher.generation});
}

void PagesInHand::on_lane_drained(std::uint64_t generation, MonoTime now) {
  const auto lane = lanes_.find(generation);
  if (lane == lanes_.end() || !lane->second.closed) return;
  for (auto& [id, page] : pages_) {
    if (page.generation == generation && !page.given_up) try_again_or_give_up(page, *lane->second.closed, now);
  }
  std::erase_if(pages_, [generation](const auto& entry) {
    return entry.second.generation == generation && !entry.second.given_up;
  });
  lanes_.erase(lane);
}

void PagesInHand::try_again_or_give_up(Page& page, const FetcherDeath& fetcher, MonoTime now) {
  if (fetcher.too_slow && fetcher.page == page.task.id) return give_up(page, Cause::page_too_slow);
  // Also a page that the fetcher said it was done with: it had not put what it owed.
  if (plan_.fetcher_died(page.task, fetcher.death, now) == PagePlan::Decision::give_up) {
    give_up(page, Cause::page_kills_fetcher);
  }
}

std::size_t PagesInHand::unrecorded(std::uint64_t generation) const {
  return static_cast<std::size_t>(std::count_if(
      pages_.begin(), pages_.end(), [generation](const auto& entry) { return entry.second.generation == generation; }));
}

std::string PagesInHand::url_of(std::uint64_t page) const {
  const auto found = pages_.find(page);
  return found == pages_.end() ? "" : found->second.task.url;
}

// --- Outcomes.

std::string PagesInHand::Page::to_text() const {
  const std::string url = escape_url(task.url);
  return final_url.empty() ? url : url + ", " + final_url_text(task.url, final_url);
}

std::optional<std::uint64_t> PagesInHand::on_recorded(const PageRecorded& recorded, MonoTime now) {
  plan_.note_links(recorded.last_found, recorded.known_pages);
  const auto page = pages_.find(recorded.page);
  // Said twice, by two downloaders.
  if (page == pages_.end() || page->second.task.attempt != recorded.attempt) return std::nullopt;
  if (page->second.given_up) return confirm_failure(page), std::nullopt;
  if (recorded.cause != Cause::bad_records) return decide(page, recorded, now), std::nullopt;
  const std::uint64_t generation = page->second.generation;
  if (is_behind_the_culprit(generation)) {
    plan_.repeat(page->second.task, now);
    pages_.erase(page);
  } else {
    decide(page, recorded, now);
  }
  return generation;
}

void PagesInHand::confirm_failure(Pages::iterator page) {
  if (*page->second.given_up == Cause::none) {
    plan_.confirm_beyond_end(page->second.task);
  } else {
    plan_.confirm_failure(page->second.task, *page->second.given_up);
    if (*page->second.given_up != Cause::robots) {
      ++failures_[cause_name(*page->second.given_up, page->second.http_status)];
    }
  }
  pages_.erase(page);
}

/// The downloader has checked it.
void PagesInHand::on_robots(const RobotsKnown& known, MonoTime now) {
  auto rules = RobotsRules::from_text(known.rules);
  if (!rules) return;
  plan_.note_robots(known.server, std::make_shared<RobotsRules>(*std::move(rules)), now + RobotsBook::kKept, now);
}

/// Nothing more is taken from a lane that broke the rules; the first page that ends for it is the one that broke them.
bool PagesInHand::is_behind_the_culprit(std::uint64_t generation) {
  const auto lane = lanes_.find(generation);
  return lane == lanes_.end() || std::exchange(lane->second.broken, true);
}

void PagesInHand::decide(Pages::iterator page, const PageRecorded& recorded, MonoTime now) {
  page->second.final_url = recorded.final_url;
  const PageResult result{.cause = recorded.cause,
                          .http_status = recorded.http_status,
                          .images = recorded.images,
                          .retry_after = seconds(recorded.retry_after_seconds),
                          .elsewhere = recorded.elsewhere,
                          .fresh = recorded.fresh,
                          .has_links = recorded.has_links,
                          .has_fresh_links = recorded.has_fresh_links,
                          .is_redirected = !recorded.final_url.empty(),
                          .known_in_row = recorded.known_in_row};
  if (recorded.cause != Cause::none) {
    log_.write(LogLevel::info, page->second.to_text() + ": " + cause_text(recorded.cause, recorded.http_status));
  }
  if (admission_.judge({page->first, result.cause, result.http_status, page->second.round}, now) ==
      Admission::Verdict::again) {
    plan_.repeat(page->second.task, now);
    pages_.erase(page);
    return;
  }
  const PagePlan::Decision decision = plan_.recorded(page->second.task, result, now);
  if (decision == PagePlan::Decision::beyond_end) return leave_out(page->second);
  if (decision == PagePlan::Decision::give_up) return give_up(page->second, recorded.cause, recorded.http_status);
  if (decision == PagePlan::Decision::settled) reach_notice_.came();
  if (decision == PagePlan::Decision::retry) report_failure(page->second, result, now);
  pages_.erase(page);
}

void PagesInHand::report_failure(const Page& page, const PageResult& result, MonoTime now) {
  const auto notice = reach_notice_.after({result.cause, result.http_status}, plan_.patience(), now);
  if (!notice) return;
  const bool is_alone = is_out_of_reach(result.cause) && result.cause != Cause::connection_refused && !has_network();
  log_.write(LogLevel::warning,
             fmt::format("{}: {}{}", page.to_text(), *notice, is_alone ? "; this machine has no network" : ""));
}

void PagesInHand::give_up(Page& page, Cause cause, std::uint16_t http_status) {
  page.given_up = cause;
  page.http_status = http_status;
  say_failed(page);
  downloader_.tell(failure_of(page));
}

/// A list may have a million lines that are no URLs.
void PagesInHand::say_failed(const Page& page) {
  if (*page.given_up == Cause::robots) return;  // decide() has logged it, and the summary says what to do.
  const std::string name = cause_name(*page.given_up, page.http_status);
  const std::uint64_t count = ++said_failed_[name];
  const std::string text =
      fmt::format("page failed: {}: {}", page.to_text(), cause_text(*page.given_up, page.http_status));
  log_.write(count <= kFailuresNamed ? LogLevel::warning : LogLevel::info, text);
  if (count == kFailuresNamed) {
    log_.write(LogLevel::warning,
               fmt::format("further pages that fail so ({}) are named in failures.jsonl, at the end", name));
  }
}

/// It is no failure.
void PagesInHand::leave_out(Page& page) {
  page.given_up = Cause::none;
  downloader_.tell(failure_of(page));
}

// --- What the plan wants.

void PagesInHand::follow_plan() {
  for (PagePlan::Unfetched& unfetched : plan_.take_unfetched()) {
    Page& page = pages_.insert_or_assign(unfetched.task.id, Page{.task = unfetched.task}).first->second;
    unfetched.cause == Cause::none ? leave_out(page) : give_up(page, unfetched.cause);
  }
  if (const auto early = plan_.take_early_end()) log_.tell(text_of(*early));
  if (const auto behind = plan_.found().to_ask()) downloader_.tell(AskPages{*behind});
}

PageFailed PagesInHand::failure_of(const Page& page) { return {page.task, *page.given_up, page.http_status}; }

}  // namespace doutu

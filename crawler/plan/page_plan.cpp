#include "crawler/plan/page_plan.h"

#include <algorithm>
#include <utility>

#include "shared/politeness/retry_policy.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// Pages of the last step that keep the fetchers busy while the next list page comes.
constexpr std::size_t kFewPages = 16;
/// Pages whose sites may not be asked yet.
constexpr std::size_t kMaxParked = 256;
/// Pages that are settled without being fetched and that the ledger has not confirmed: a list may have a million of
/// them.
constexpr std::size_t kMaxUnconfirmed = 1024;
/// How long a site's first page holds the others back.
constexpr seconds kFirstPageWait{10};

}  // namespace

PagePlan::PagePlan(std::unique_ptr<PageSource> source, const CrawlSettings& settings)
    : source_(std::move(source)),
      settings_(settings),
      last_step_(1 + static_cast<std::uint32_t>(settings.page.follow.size())),
      is_range_open_(source_->is_open()),
      sites_(settings_) {}

// --- What was.

void PagePlan::recall(const PageRow& row) {
  const bool is_named = row.number < kFirstFoundPage;
  if (is_named && !source_->has(row.number)) return;
  switch (row.state) {
    case PageState::open:
      failed_[row.number].attempt = row.attempt;
      return;
    case PageState::done:
      ++counters_.done;
      break;
    case PageState::empty:
      ++counters_.empty;
      break;
    case PageState::failed:
      ++(row.is_robots ? counters_.robots : counters_.failed);
      break;
    case PageState::beyond_end:
      ++counters_.beyond_end;
      if (is_named && is_range_open_) recalled_end_ = std::min(recalled_end_.value_or(row.number), row.number);
      break;
  }
  if (!is_named) return;
  ++named_;
  ++named_settled_;
  source_->finished(row.number);
}

void PagePlan::note_links(std::uint64_t last_found, std::uint64_t known) {
  found_.there_are(last_found);
  counters_.known = std::max(counters_.known, known);
}

PageCounters PagePlan::counters() const {
  PageCounters counters = counters_;
  const bool is_counted_as_given = is_range_open_ || is_stopped_;
  counters.asked = (is_counted_as_given ? named_ : source_->count()) + found_.count();
  const bool lists_more = settings_.page.next.empty() ? named_settled_ < source_->count() : counters.pending() > 0;
  counters.may_grow = has_more() || (settings_.page.each_once && !is_stopped_ && lists_more);
  return counters;
}

std::uint64_t PagePlan::waiting() const {
  const std::uint64_t known = counters().pending() - in_hand_;
  return known == 0 && has_more() ? 1 : known;
}

// --- Giving out.

std::optional<PageTask> PagePlan::next(MonoTime now, MonoTime& wake_at) {
  wake_at = MonoTime::max();
  // Not while rows are recalled: those behind it count, too.
  if (const auto end = std::exchange(recalled_end_, std::nullopt)) end_at(*end);
  if (waiting() == 0) return std::nullopt;
  auto task = take_waiting(now, wake_at);
  if (!task) task = take_new(now, wake_at);
  return task ? std::move(task) : take_refused(now);
}

std::optional<PageTask> PagePlan::take_waiting(MonoTime now, MonoTime& wake_at) {
  for (PageSite* site : sites_.in_turn()) {
    const MonoTime start = may_start_at(*site, now);
    if (now < start) {
      wake_at = std::min(wake_at, start);
      continue;
    }
    const std::size_t parked = site->parked();
    auto task = site->take(now);
    parked_ -= parked - site->parked();
    if (task) return give_out(*std::move(task), *site, now);
    wake_at = std::min(wake_at, site->next_due());
  }
  return std::nullopt;
}

std::optional<PageTask> PagePlan::take_new(MonoTime now, MonoTime& wake_at) {
  // Where there is one server, what comes next is decided when it may be asked.
  const std::size_t most_parked = source_->is_on_one_server() ? 1 : kMaxParked;
  while (parked_ < most_parked) {
    auto task = pick_new();
    if (!task) return std::nullopt;
    PageSite& site = sites_.of(*task, now);
    const MonoTime start = may_start_at(site, now);
    if (now >= start) return give_out(*std::move(task), site, now);
    wake_at = std::min(wake_at, start);
    site.park(*std::move(task));
    sites_.waits(site);
    ++parked_;
  }
  return std::nullopt;
}

std::optional<PageTask> PagePlan::take_refused(MonoTime now) {
  for (PageSite* site : sites_.in_turn()) {
    if (now < may_start_at(*site, now)) continue;
    if (auto task = site->take_refused(now)) return give_out(*std::move(task), *site, now);
  }
  return std::nullopt;
}

/// The cookies that the first page of a site sets go with its other pages. One that does not come holds them up for a
/// moment only.
MonoTime PagePlan::may_start_at(const PageSite& site, MonoTime now) const {
  const MonoTime start = site.may_start_at(now);
  const bool is_alone = !site.is_met && !settings_.http.no_cookies && site.schedule.in_flight() > 0;
  return is_alone ? std::max(start, site.asked + kFirstPageWait) : start;
}

std::optional<PageTask> PagePlan::give_out(PageTask task, PageSite& site, MonoTime now) {
  if (site.schedule.in_flight() == 0) site.asked = now;
  const RobotsBook::Rules robots = robots_of(task, now);
  const bool reads_robots = robots == nullptr && obeys(task);
  if (reads_robots) site.is_reading_robots = true;
  const milliseconds gap = robots == nullptr ? milliseconds(0) : robots->crawl_delay();
  tickets_[task.id] = {site.schedule.started(now, gap), &site, reads_robots};
  if (task.step < last_step_) ++lists_in_hand_;
  ++in_hand_;
  const auto failed_page = failed_.find(task.id);
  if (failed_page != failed_.end()) task.attempt = ++failed_page->second.attempt;
  return task;
}

/// Pages that list others come one at a time while there is enough of what they have listed.
std::optional<PageTask> PagePlan::pick_new() {
  const bool wants_list = lists_in_hand_ == 0 && found_.waiting_of(last_step_) < kFewPages;
  auto task = wants_list ? next_list() : next_found(FoundPages::Which::deepest);
  if (!task && wants_list) task = next_found(FoundPages::Which::deepest);
  // What the ledger has comes in a moment.
  return task || found_.has_untold() ? std::move(task) : next_list();
}

std::optional<PageTask> PagePlan::next_list() {
  const bool is_found = found_.waiting() > found_.waiting_of(last_step_);
  auto task = is_found ? next_found(FoundPages::Which::shallowest) : std::nullopt;
  return task ? std::move(task) : next_named();
}

std::optional<PageTask> PagePlan::next_found(FoundPages::Which which) {
  while (has_room_for_unfetched()) {
    auto task = found_.take(which);
    if (!task || !is_stopped_ || !lists_pages(*task)) return task;
    settle_unfetched(*std::move(task), Cause::none);
  }
  return std::nullopt;
}

std::optional<PageTask> PagePlan::next_named() {
  while (!is_stopped_ && has_room_for_unfetched()) {
    const std::uint64_t most = settings_.limits.max_pages;
    const bool is_enough = is_range_open_ && most > 0 && named_ >= most;
    auto page = is_enough ? std::nullopt : source_->next();
    if (!page) return is_named_out_ = true, std::nullopt;
    ++named_;
    if (is_range_open_) range_end_.given_out(page->task.id);
    if (!page->is_bad) return std::move(page->task);
    settle_unfetched(std::move(page->task), Cause::bad_url);
  }
  return std::nullopt;
}

/// What is in hand without an attempt waits for the ledger to confirm how it was settled.
bool PagePlan::has_room_for_unfetched() const { return in_hand_ < tickets_.size() + kMaxUnconfirmed; }

void PagePlan::settle_unfetched(PageTask task, Cause cause) {
  ++in_hand_;
  unfetched_.push_back({std::move(task), cause});
}

std::vector<PagePlan::Unfetched> PagePlan::take_unfetched() { return std::exchange(unfetched_, {}); }

// --- robots.txt.

/// A list of images is no page that anybody is asked for.
bool PagePlan::obeys(const PageTask& task) const {
  return obeys_robots(task.id, settings_.politeness.robots) && task.text.empty();
}

void PagePlan::note_robots(const std::string& server, RobotsBook::Rules rules, MonoTime until, MonoTime now) {
  if (PageSite* const site = sites_.find(server)) {
    site->schedule.pause(now + rules->crawl_delay());
    site->is_reading_robots = false;
  }
  robots_.put(server, std::move(rules), until);
}

RobotsBook::Rules PagePlan::robots_of(const PageTask& task, MonoTime now) const {
  return obeys(task) ? robots_.find(url_authority(task.url), now) : nullptr;
}

// --- Outcomes.

PagePlan::Decision PagePlan::recorded(const PageTask& task, const PageResult& result, MonoTime now) {
  const HostSchedule::Cost cost = tell_site(task, result, now);
  const std::uint64_t enough = settings_.limits.until_known;
  if (enough > 0 && result.known_in_row >= enough) stop_listing();
  if (is_of_open_range(task) && is_beyond_end(task, result)) return Decision::beyond_end;
  if (result.cause == Cause::none) {
    const bool is_empty = result.images == 0 && !result.has_links;
    if (is_empty && is_of_open_range(task)) empty_.emplace(task.id, task);
    settle(task, is_empty ? &PageCounters::empty : &PageCounters::done);
    return Decision::settled;
  }
  FailedPage& failed_page = failed_page_of(task);
  last_cost_ = cost;
  if (cost == HostSchedule::Cost::attempt) {
    ++failed_page.failures;
    if (!is_temporary(result.cause, result.http_status) || failed_page.failures > settings_.politeness.retries) {
      return Decision::give_up;
    }
  }
  --in_hand_;
  PageSite& site = sites_.of(task, now);
  const MonoTime due = now + wait_after(failed_page, result, cost);
  failed_page.refused.times > 0 ? site.try_refused_again(task, due) : site.try_again(task, due);
  sites_.waits(site);
  return Decision::retry;
}

bool PagePlan::is_of_open_range(const PageTask& task) const {
  return is_range_open_ && task.id >= source_->open_from() && task.id < kFirstFoundPage;
}

/// A page with images is one, wherever the range ends.
bool PagePlan::is_beyond_end(const PageTask& task, const PageResult& result) {
  const auto end = range_end_.after({.number = task.id,
                                     .cause = result.cause,
                                     .http_status = result.http_status,
                                     .images = result.images + (result.has_links ? 1 : 0),
                                     .fresh = result.fresh + (result.has_fresh_links ? 1 : 0),
                                     .is_redirected = result.is_redirected});
  if (end) this->end(*end);
  const bool brought_something = result.cause == Cause::none && (result.images > 0 || result.has_links);
  return end_ && task.id >= *end_ && !brought_something;
}

void PagePlan::stop_listing() {
  if (!std::exchange(is_stopped_, true)) early_end_ = EarlyEnd{};
}

void PagePlan::end(const RangeEnd::End& end) {
  if (!end_ || end.number < *end_) early_end_ = EarlyEnd{end};
  end_at(end.number);
}

/// Empty pages that were settled as such were beyond it.
void PagePlan::end_at(std::uint64_t number) {
  end_ = std::min(end_.value_or(number), number);
  source_->end_at(*end_);
  std::erase_if(empty_, [this](const auto& entry) {
    if (entry.first < *end_) return false;
    --counters_.empty;
    settle_unfetched(entry.second, Cause::none);
    return true;
  });
}

/// How the attempt ended; and what that cost the page.
HostSchedule::Cost PagePlan::tell_site(const PageTask& task, const PageResult& result, MonoTime now) {
  const auto found = tickets_.find(task.id);
  if (found == tickets_.end()) return HostSchedule::Cost::attempt;
  if (result.cause == Cause::robots && !result.is_redirected) {
    return was_not_asked(task, now), HostSchedule::Cost::attempt;
  }
  PageSite& site = *found->second.site;
  if (result.http_status != 0) site.is_met = true;
  const bool is_about_site = result.cause != Cause::bad_records && !is_astray(site, result);
  if (!is_about_site) return break_off(task), HostSchedule::Cost::attempt;
  const AttemptResult attempt{result.cause, result.http_status, result.retry_after};
  if (result.http_status != 0 && !is_throttling(attempt) && !is_out_of_reach(result.cause)) {
    (result.elsewhere ? site.is_elsewhere : site.is_here) = true;
  }
  const auto failed_page = failed_.find(task.id);
  Refusals::Past past = failed_page == failed_.end() ? Refusals::Past{} : failed_page->second.refused;
  const HostSchedule::Ticket ticket = found->second.of_schedule;
  (void)take_ticket(task);
  const HostSchedule::Cost cost = site.schedule.finished(attempt, ticket, now, past, MonoTime{});
  if (!is_throttling(attempt)) return cost;
  failed_page_of(task).refused = past;
  if (cost != HostSchedule::Cost::alone) site.turns.throttled();
  return cost;
}

/// Whether it is not the site that throttles, but a host that this page alone leads to. Before any page came, one that
/// is refused elsewhere tells nothing of the others; a second one does.
bool PagePlan::is_astray(PageSite& site, const PageResult& result) {
  if (!is_throttling({result.cause, result.http_status, result.retry_after}) || !result.elsewhere) return false;
  if (!site.is_here && std::exchange(site.was_astray, true)) site.is_elsewhere = true;
  return site.is_here || !site.is_elsewhere;
}

/// Not spread, unlike those of images: no more pages come back together than there are fetchers.
Duration PagePlan::wait_after(const FailedPage& failed_page, const PageResult& result, HostSchedule::Cost cost) const {
  const milliseconds told = believed_of_one(settings_.politeness, result.retry_after);
  switch (cost) {
    case HostSchedule::Cost::attempt:
      return std::max(retry_delay(settings_.politeness, failed_page.failures, kNotSpread), told);
    case HostSchedule::Cost::alone:
      return std::max(retry_delay(settings_.politeness, failed_page.refused.times, kNotSpread), told);
    case HostSchedule::Cost::nothing:
      break;
  }
  return told;
}

Patience PagePlan::patience() const { return patience_after(settings_.politeness, last_cost_); }

PagePlan::Decision PagePlan::fetcher_died(const PageTask& task, Strikes::Death death, MonoTime now) {
  if (failed_page_of(task).strikes.add(death)) return Decision::give_up;
  repeat(task, now);
  return Decision::retry;
}

void PagePlan::repeat(const PageTask& task, MonoTime now) {
  (void)failed_page_of(task);
  break_off(task);
  --in_hand_;
  PageSite& site = sites_.of(task, now);
  site.try_again(task, MonoTime::min());
  sites_.waits(site);
}

/// The attempt tells nothing of the site.
void PagePlan::break_off(const PageTask& task) {
  if (const auto ticket = take_ticket(task)) ticket->site->schedule.put_back(ticket->of_schedule);
}

/// The page's attempt has ended; nullopt: it has had no request, or that has ended before.
std::optional<PagePlan::Ticket> PagePlan::take_ticket(const PageTask& task) {
  const auto found = tickets_.extract(task.id);
  if (found.empty()) return std::nullopt;
  const Ticket ticket = found.mapped();
  if (task.step < last_step_) --lists_in_hand_;
  if (ticket.reads_robots) ticket.site->is_reading_robots = false;
  return ticket;
}

/// The next page need not wait for it.
void PagePlan::was_not_asked(const PageTask& task, MonoTime now) {
  if (const auto ticket = take_ticket(task)) ticket->site->schedule.not_asked(ticket->of_schedule, now);
}

void PagePlan::confirm_failure(const PageTask& task, Cause cause) {
  settle(task, cause == Cause::robots ? &PageCounters::robots : &PageCounters::failed);
  if (!is_of_open_range(task)) return;
  if (const auto end = range_end_.after_failure(task.id)) this->end(*end);
}
void PagePlan::confirm_beyond_end(const PageTask& task) { settle(task, &PageCounters::beyond_end); }

void PagePlan::settle(const PageTask& task, std::uint64_t PageCounters::*as) {
  ++(counters_.*as);
  --in_hand_;
  break_off(task);
  failed_.erase(task.id);
  if (task.id >= kFirstFoundPage) return;
  ++named_settled_;
  source_->finished(task.id);
}

/// With the attempt that it was given out for first.
PagePlan::FailedPage& PagePlan::failed_page_of(const PageTask& task) {
  return failed_.try_emplace(task.id, FailedPage{.attempt = 1}).first->second;
}

}  // namespace doutu

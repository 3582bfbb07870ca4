// Crawl's fetchers and the pages in their hands: given out, recorded, tried again, given up.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "crawler/crawl.h"
#include "crawler/network.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

/// Pages of one fetcher that may wait in its lane for the ledger, so that what is announced stays small.
constexpr std::size_t kMaxUnrecorded = 16;
/// With fewer images to fetch than so many for each transfer, another fetcher is started.
constexpr std::uint64_t kImagesAhead = 2;
/// When it has wanted images for so long: from a quick server a page is there sooner than a fetcher that starts.
constexpr milliseconds kHunger{10};
/// One that takes longer to start does not keep others from it.
constexpr seconds kStartAllowance{1};
/// When to try again whether there is room for another fetcher, while some work.
constexpr seconds kPatience{60};
/// What a page may take beyond its transfer: parsing, XPath.
constexpr seconds kParseAllowance{15};

}  // namespace

// --- Fetchers and their lanes.

/// One fetcher at first, and another whenever all of them are busy, pages are left, and the downloader has too little
/// to do: a process more than are needed takes time from those that are.
void Crawl::start_fetcher_if_needed() {
  if (phase_ != Phase::running || plan_.waiting() == 0) return;
  const auto is_free = [now = loop_.now()](const auto& fetcher) {
    return fetcher->child && !fetcher->page && !fetcher->killed &&
           (fetcher->ready || now - fetcher->started < kStartAllowance);
  };
  if (std::any_of(fetchers_.begin(), fetchers_.end(), is_free)) return;
  if (has_fetcher() && (!is_hungry() || loop_.now() < no_fetcher_before_)) return;
  const auto is_vacant = [](const auto& fetcher) { return !fetcher->child && !fetcher->restarting; };
  const auto vacant = std::find_if(fetchers_.begin(), fetchers_.end(), is_vacant);
  if (vacant != fetchers_.end()) start_fetcher(**vacant);
}

bool Crawl::has_fetcher() const {
  return std::any_of(fetchers_.begin(), fetchers_.end(), [](const auto& fetcher) { return fetcher->child != nullptr; });
}

/// Also when those it has are on servers that keep it waiting.
bool Crawl::wants_images() const {
  if (!downloader_ready_) return false;
  const StatsPage& stats = downloader_->stats();
  const std::uint32_t transfers = settings_.downloaders;
  return stats.pending < kImagesAhead * transfers || (stats.in_flight_count < transfers / 2 && stats.disk_full == 0);
}

bool Crawl::is_hungry() {
  if (!wants_images()) {
    hunger_timer_->cancel();
    hungry_at_.reset();
    return false;
  }
  const MonoTime now = loop_.now();
  if (hungry_at_) return now >= *hungry_at_;
  hungry_at_ = now + kHunger;
  hunger_timer_->set(*hungry_at_, [this] { hand_out_pages(); });
  return false;
}

void Crawl::start_fetcher(Fetcher& fetcher) {
  hunger_timer_->cancel();
  hungry_at_.reset();
  auto started = host_.start(
      ChildRole::fetcher, {.on_message = [this, &fetcher](Message& message) { on_fetcher_message(fetcher, message); },
                           .on_exit = [this, &fetcher](Exit exit) { on_fetcher_exit(fetcher, exit); },
                           .on_log = [this, &fetcher](auto line) { log_.write_child_line(fetcher.name, line); }});
  if (!started) return cannot_start(fetcher, started.error());
  const std::uint64_t generation = started->generation;
  fetcher.child = std::move(started->child);
  fetcher.started = loop_.now();
  ++fetcher.starts;
  fetcher.generation = generation;
  fetcher.ready = fetcher.worked = fetcher.too_slow = fetcher.silent = fetcher.killed = false;

  fetcher.child->send(Configure{.settings = settings_.encode(), .generation = generation});
  announce(
      generation,
      lanes_
          .emplace(generation, OpenLane{.lane = std::move(started->lane), .closed = false, .broken = false, .page = {}})
          .first->second);
}

void Crawl::on_fetcher_message(Fetcher& fetcher, const Message& message) {
  // A fetcher reads what strangers wrote; it has no right to say more than that it has come, and that it is done.
  if (!std::holds_alternative<Ready>(message) || (fetcher.ready && !fetcher.page)) {
    log_.write(LogLevel::error, fetcher.name + ": sent a message that it has no right to send");
    kill(fetcher);
    return fetcher.child->close();  // It may have sent many.
  }
  if (fetcher.page) on_page_put(fetcher);
  fetcher.worked = fetcher.worked || fetcher.page.has_value();
  fetcher.ready = true;
  fetcher.page.reset();
  hand_out_pages();
}

/// The downloader holds it to its word: it would wait for a page that never comes, and the crawl with it.
void Crawl::on_page_put(const Fetcher& fetcher) {
  const auto in_hand = pages_.find(*fetcher.page);
  if (in_hand == pages_.end() || in_hand->second.generation != fetcher.generation) return;
  in_hand->second.put = true;
  tell_downloader(PagePut{in_hand->first, in_hand->second.attempt, fetcher.generation});
}

void Crawl::on_fetcher_exit(Fetcher& fetcher, Exit exit) {
  fetcher.child.reset();
  // One that died of a page had come as far as its first job; the page's strikes bound how often. Nor is one that was
  // ready and was killed to blame for it.
  const bool killed = exit.signal == SIGKILL;
  fetcher.worked = fetcher.worked || fetcher.page.has_value() || (fetcher.ready && killed);
  if (phase_ == Phase::ending) return stop_if_empty();

  auto& lane = lanes_.at(fetcher.generation);
  lane.closed = true;
  lane.page = std::exchange(fetcher.page, std::nullopt);
  lane.too_slow = fetcher.too_slow || exit.signal == SIGXCPU;
  const bool crashed = exit.is_crash() || exit.signal == 0 || fetcher.silent;
  lane.death = crashed ? Strikes::Death::crash : Strikes::Death::killed;
  tell_downloader(LaneClosed{fetcher.generation});

  if (phase_ == Phase::finishing) return;
  log_.write(LogLevel::warning, fetcher.name + ": ended by " + exit.in_words());
  restart_fetcher(fetcher, killed && !fetcher.silent ? Killed::from_outside : Killed::no);
}

void Crawl::restart_fetcher(Fetcher& fetcher, Killed killed) {
  auto delay = fetcher.restarts.after_death(fetcher.worked ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no);
  if (!delay && killed == Killed::from_outside) delay = RestartPolicy::kMaxDelay;  // its program is not what is wrong
  if (!delay) return end(CrawlEnd::Why::broken, "doutu-fetcher does not start; the log says more");
  start_after(*delay, fetcher);
}

/// While another works the crawl needs no more than patience.
void Crawl::cannot_start(Fetcher& fetcher, const Error& error) {
  if (has_fetcher() && may_pass(error)) {
    log_.write(LogLevel::warning, fetcher.name + ": " + error.message + "; going on with fewer fetchers");
    no_fetcher_before_ = loop_.now() + kPatience;
    return;
  }
  if (const auto delay = delay_after(error, fetcher.name, fetcher.restarts)) start_after(*delay, fetcher);
}

void Crawl::start_after(Duration delay, Fetcher& fetcher) {
  fetcher.restarting = true;
  fetcher.restart_timer->set(loop_.now() + delay, [this, &fetcher] {
    fetcher.restarting = false;
    hand_out_pages();
  });
}

/// The ledger has all that a dead fetcher had published: what it has not is fetched again, or given up.
void Crawl::on_lane_drained(std::uint64_t generation) {
  const auto found = lanes_.find(generation);
  if (found == lanes_.end()) return;
  std::vector<std::uint64_t> unrecorded_pages;
  for (const auto& [page, in_hand] : pages_) {
    if (in_hand.generation == generation && !in_hand.given_up) unrecorded_pages.push_back(page);
  }
  for (const std::uint64_t page : unrecorded_pages) try_again_or_give_up(page, found->second);
  lanes_.erase(found);
  hand_out_pages();
}

void Crawl::try_again_or_give_up(std::uint64_t page, const OpenLane& lane) {
  if (lane.too_slow && lane.page == page) return give_up(page, Cause::page_too_slow);
  // Also a page that the fetcher said it was done with: it had not put what it owed.
  if (plan_.fetcher_died(page, lane.death) == PagePlan::Decision::give_up) {
    return give_up(page, Cause::page_kills_fetcher);
  }
  pages_.erase(page);
}

// --- Pages.

/// By the clock, waits for the lane left out; and of processor time, of all threads together.
milliseconds Crawl::time_for_page() const { return settings_.page_timeout + kParseAllowance; }

void Crawl::hand_out_pages() {
  give_pages_to_the_free();
  start_fetcher_if_needed();
  finish_if_all_settled();
}

void Crawl::give_pages_to_the_free() {
  if (phase_ != Phase::running || !downloader_ready_) return;
  for (auto& fetcher : fetchers_) {
    if (!fetcher->child || !fetcher->ready || fetcher->page || fetcher->killed) continue;
    if (unrecorded(fetcher->generation) >= kMaxUnrecorded) continue;
    MonoTime wake_at{};
    const auto task = plan_.next(loop_.now(), wake_at);
    if (!task) {
      if (wake_at == MonoTime::max()) return;
      no_page_before_ = wake_at;
      return page_timer_->set(wake_at, [this] { hand_out_pages(); });
    }
    fetcher->page = task->page;
    fetcher->page_given = loop_.now();
    PageInHand in_hand{.attempt = task->attempt,
                       .generation = fetcher->generation,
                       .url = start_.url_template.url_of(task->page),
                       .given_up = {}};

    // To the downloader first: its lane may have records of the page before this process runs again.
    tell_downloader(PageAssigned{task->page, task->attempt, fetcher->generation, in_hand.url});
    FetchPage fetch{task->page, task->attempt, in_hand.url};
    pages_.insert_or_assign(task->page, std::move(in_hand));
    if (settings_.sandbox != SandboxMode::off)
      fetcher->child->allow_processor_time(std::chrono::ceil<seconds>(time_for_page()));
    fetcher->child->send(std::move(fetch));
  }
}

std::size_t Crawl::unrecorded(std::uint64_t generation) const {
  return static_cast<std::size_t>(std::count_if(
      pages_.begin(), pages_.end(), [generation](const auto& entry) { return entry.second.generation == generation; }));
}

void Crawl::on_page_recorded(const PageRecorded& recorded) {
  const auto found = pages_.find(recorded.page);
  if (found == pages_.end() || found->second.attempt != recorded.attempt) return;  // said twice, by two downloaders
  if (found->second.given_up) {
    plan_.confirm_failure(recorded.page);
    ++page_failures_[cause_name(*found->second.given_up, found->second.http_status)];
    pages_.erase(found);
    return hand_out_pages();
  }
  const PageResult result{recorded.cause, recorded.http_status, recorded.images, seconds(recorded.retry_after_seconds),
                          recorded.elsewhere};
  if (recorded.cause == Cause::bad_records && is_behind_the_culprit(found->second.generation)) {
    plan_.repeat(recorded.page);
    pages_.erase(found);
    return hand_out_pages();
  }
  if (recorded.cause != Cause::none) {
    log_.write(LogLevel::info,
               escape_url(found->second.url) + ": " + cause_in_words(recorded.cause, recorded.http_status));
  }
  const PagePlan::Decision decision = plan_.recorded(recorded.page, result, loop_.now());
  if (decision == PagePlan::Decision::give_up) return give_up(recorded.page, recorded.cause, recorded.http_status);
  if (decision == PagePlan::Decision::settled) reach_notice_.came();
  if (decision == PagePlan::Decision::retry) tell_of_trouble(found->second.url, result);
  pages_.erase(found);
  hand_out_pages();
}

void Crawl::tell_of_trouble(const std::string& url, const PageResult& result) {
  const auto notice = reach_notice_.after({result.cause, result.http_status}, plan_.patience(), loop_.now());
  if (!notice) return;
  const bool is_alone = is_out_of_reach(result.cause) && result.cause != Cause::connection_refused && !has_network();
  log_.write(LogLevel::warning,
             fmt::format("{}: {}{}", escape_url(url), *notice, is_alone ? "; this machine has no network" : ""));
}

/// Nothing more is taken from a lane that broke the rules, so its fetcher is killed; the first page that ends for it is
/// the one that broke them.
bool Crawl::is_behind_the_culprit(std::uint64_t generation) {
  const auto lane = lanes_.find(generation);
  if (lane == lanes_.end()) return true;
  kill_fetcher_of(generation);
  return std::exchange(lane->second.broken, true);
}

void Crawl::kill_fetcher_of(std::uint64_t generation) {
  for (auto& fetcher : fetchers_) {
    if (fetcher->child && fetcher->generation == generation) kill(*fetcher);
  }
}

/// It is given no page between this and its end.
void Crawl::kill(Fetcher& fetcher) {
  fetcher.killed = true;
  fetcher.child->signal(SIGKILL);
}

void Crawl::give_up(std::uint64_t page, Cause cause, std::uint16_t http_status) {
  auto& in_hand = pages_.at(page);
  in_hand.given_up = cause;
  in_hand.http_status = http_status;
  log_.write(LogLevel::warning, "page failed: " + escape_url(in_hand.url) + ": " + cause_in_words(cause, http_status));
  tell_downloader(failure_of(page));
}

PageFailed Crawl::failure_of(std::uint64_t page) const {
  const auto& in_hand = pages_.at(page);
  return {page, in_hand.attempt, *in_hand.given_up, in_hand.http_status, in_hand.url};
}

void Crawl::finish_if_all_settled() {
  if (phase_ != Phase::running || !plan_.all_settled()) return;
  phase_ = Phase::finishing;
  for (auto& fetcher : fetchers_) {
    if (fetcher->child) fetcher->child->close();
  }
  tell_downloader(NoMorePages{});
}

}  // namespace doutu

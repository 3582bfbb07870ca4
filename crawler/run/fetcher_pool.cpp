#include "crawler/run/fetcher_pool.h"

#include <algorithm>
#include <csignal>
#include <utility>
#include <variant>

#include "crawler/plan/page_deadline.h"
#include "shared/base/system_limits.h"
#include "shared/process/rate_budget.h"

namespace doutu {
namespace {

/// The largest page: a sitemap.
constexpr std::uint64_t kLargestPage = std::uint64_t{64} << 20U;

constexpr std::uint64_t kMonth = 30 * 86'400;  // Seconds.

/// One that takes longer to start does not keep others from it.
constexpr seconds kStartAllowance{1};
/// When to try again whether there is room for another fetcher, while some work.
constexpr seconds kPatience{60};
/// What a page may take beyond its transfer: parsing, XPath.
constexpr seconds kParseAllowance{15};

}  // namespace

FetcherPool::FetcherPool(CrawlStart& start, CrawlLoop& loop, ChildHost& host, const Heartbeats& heartbeats,
                         PagesInHand& pages, Admission& admission, DownloaderLink& downloader, Events events)
    : start_(start),
      settings_(start.command.settings),
      loop_(loop),
      host_(host),
      heartbeats_(heartbeats),
      pages_(pages),
      admission_(admission),
      downloader_(downloader),
      events_(std::move(events)),
      demand_(images_at_a_time(settings_)),
      page_timer_(loop.make_timer()),
      demand_timer_(loop.make_timer()) {
  for (std::uint32_t i = 1; i <= start.command.fetchers; ++i) {
    places_.push_back(std::make_unique<FetcherPlace>("fetcher " + std::to_string(i), loop));
  }
}

// --- Pages.

void FetcherPool::hand_out() {
  if (phase_ != CrawlPhase::running) return;
  give_pages_to_the_free();
  start_if_needed();
}

void FetcherPool::give_pages_to_the_free() {
  if (!downloader_.is_ready()) return;
  if (!admission_.is_open()) return make_next_request();
  for (auto& place : places_) {
    if (place->state() != PlaceState::idle || pages_.unrecorded(place->generation()) >= kMaxUnrecorded) continue;
    MonoTime wake_at{};
    auto task = start_.plan->next(loop_.now(), wake_at);
    if (task) {
      give(*place, *std::move(task));
    } else {
      if (wake_at == MonoTime::max()) return;
      no_page_before_ = wake_at;
      return page_timer_->set(wake_at, [this] { hand_out(); });
    }
  }
}

/// No page is given out meanwhile.
void FetcherPool::make_next_request() {
  const auto is_idle = [](const auto& place) { return place->state() == PlaceState::idle; };
  const auto idle = std::ranges::find_if(places_, is_idle);
  if (idle == places_.end()) return;
  MonoTime wake_at{};
  const bool is_repeated = admission_.is_repeated();
  const BeforeRequest* const request = admission_.next(loop_.now(), wake_at);
  if (request == nullptr) {
    if (wake_at == MonoTime::max()) return;
    no_page_before_ = wake_at;
    return page_timer_->set(wake_at, [this] { hand_out(); });
  }
  if (is_repeated && admission_.is_first_in_hand()) {
    start_.log->tell("pages lead to the login again; making the requests of --before once more");
  }
  allow_time(**idle, time_for_login());
  (*idle)->prepare({*request, start_.cookies.for_page(request->url)});
}

void FetcherPool::allow_time(FetcherPlace& place, milliseconds time) {
  if (settings_.run.sandbox == SandboxMode::off) return;
  place.child()->allow_processor_time(std::chrono::ceil<seconds>(time));
}

void FetcherPool::give(FetcherPlace& place, PageTask task) {
  pages_.assign(task, place.generation());
  allow_time(place, time_for_page());
  std::string cookies = start_.cookies.for_page(task.url);
  const auto robots = start_.plan->robots_of(task, loop_.now());
  place.give({.task = std::move(task),
              .cookies = std::move(cookies),
              .knows_robots = robots != nullptr,
              .robots = robots != nullptr ? robots->to_text() : ""});
}

/// By the clock, waits for the lane left out; and of processor time, of all threads together.
milliseconds FetcherPool::time_for_page() const { return settings_.page.timeout + kParseAllowance; }
/// The page with the form, and the answer to it.
milliseconds FetcherPool::time_for_login() const { return 2 * settings_.page.timeout + kParseAllowance; }

// --- Starting.

/// One fetcher at first, and another whenever all of them are busy, pages are left, and the downloader has too little
/// to do: a process more than are needed takes time from those that are.
void FetcherPool::start_if_needed() {
  if (start_.plan->waiting() == 0 || has_free_fetcher()) return;
  if (has_fetcher() && (!is_another_wanted() || loop_.now() < no_fetcher_before_)) return;
  const auto is_vacant = [](const auto& place) { return place->state() == PlaceState::vacant; };
  const auto vacant = std::ranges::find_if(places_, is_vacant);
  if (vacant != places_.end()) start(**vacant);
}

bool FetcherPool::has_fetcher() const {
  return std::ranges::any_of(places_, [](const auto& place) { return place->child() != nullptr; });
}

bool FetcherPool::has_free_fetcher() const {
  return std::ranges::any_of(places_, [now = loop_.now()](const auto& place) {
    return place->state() == PlaceState::idle ||
           (place->state() == PlaceState::starting && now - place->started() < kStartAllowance);
  });
}

/// Looks again when it may be.
bool FetcherPool::is_another_wanted() {
  const MonoTime now = loop_.now();
  const auto from =
      downloader_.is_ready() ? demand_.wants_more_fetchers(downloader_.child()->stats(), now) : demand_.reset();
  if (!from) return demand_timer_->cancel(), false;
  if (now >= *from) return true;
  demand_timer_->set(*from, [this] { hand_out(); });
  return false;
}

void FetcherPool::start(FetcherPlace& place) {
  demand_timer_->cancel();
  demand_.reset();
  auto started = host_.start(
      ChildRole::fetcher, {.on_message = [this, &place](Message& message) { on_message(place, message); },
                           .on_exit = [this, &place](Exit exit) { on_exit(place, exit); },
                           .on_log = [this, &place](auto line) { start_.log->write_child_line(place.name(), line); }});
  if (!started) return cannot_start(place, started.error());
  place.take(*started);
  place.child()->send(Configure{.settings = settings_.encode(), .generation = place.generation()});
  pages_.open_lane(place.generation(), std::move(started->lane));
}

/// While another works the crawl needs no more than patience.
void FetcherPool::cannot_start(FetcherPlace& place, const Error& error) {
  const std::string what = place.name() + ": " + error.message;
  if (has_fetcher() && is_want(error.code)) {  // others may give back what is wanting
    start_.log->write(LogLevel::warning, what + "; continuing with fewer fetchers");
    no_fetcher_before_ = loop_.now() + kPatience;
    return;
  }
  const auto delay = place.delay_after_failed_start(error);
  if (!delay) return events_.on_hopeless(error.message + "; run the same command again to continue");
  start_.log->write(LogLevel::warning, what + "; trying again");
  place.delay(*delay, [this] { hand_out(); });
}

// --- What fetchers say and do.

void FetcherPool::on_message(FetcherPlace& place, const Message& message) {
  if (answer(place, message)) return;
  // A fetcher reads what strangers wrote; it has no right to say more than that it has come, and that it is done.
  if (!std::holds_alternative<Ready>(message) || !place.allows(PlaceEvent::ready) || place.is_preparing()) {
    start_.log->write(LogLevel::error, place.name() + ": sent a message that it may not send");
    place.kill(FetcherPlace::Kill::broke_rules);
    return place.child()->close();  // It may have sent many.
  }
  if (const auto page = place.become_ready()) pages_.put(*page, place.generation());
  hand_out();
}

bool FetcherPool::answer(FetcherPlace& place, const Message& message) {
  if (const auto* const prepared = std::get_if<Prepared>(&message)) return take_preparation(place, *prepared);
  // A page in hand is redirected within its site.
  const auto* const asked = std::get_if<AskCookies>(&message);
  if (asked == nullptr) return false;
  if (place.state() == PlaceState::killed) return true;
  if (place.state() != PlaceState::fetching) return false;
  const std::string page = place.is_preparing() ? admission_.in_hand().url : pages_.url_of(*place.page());
  auto cookies = start_.cookies.for_redirect(asked->url, page);
  // A form may lead to another host by itself, and is redirected as the page with it is.
  const std::uint32_t redirects = settings_.http.max_redirects;
  return cookies && place.tell_cookies(*std::move(cookies), place.is_preparing() ? 2 * redirects + 1 : redirects);
}

bool FetcherPool::take_preparation(FetcherPlace& place, const Prepared& prepared) {
  if (!place.take_answer()) return false;
  for (Message& known : start_.cookies.set_by_login(prepared.cookies, admission_.in_hand().url)) {
    downloader_.tell(std::move(known));
  }
  admission_.prepared(prepared, loop_.now());
  if (!admission_.failure().empty()) events_.on_hopeless(admission_.failure());
  return true;
}

void FetcherPool::on_exit(FetcherPlace& place, const Exit& exit) {
  if (place.is_preparing()) admission_.fetcher_died(loop_.now());
  const FetcherDeath death = place.exit(exit);
  if (phase_ == CrawlPhase::ending) return has_fetcher() ? void() : events_.on_finished();
  pages_.close_lane(death);
  if (phase_ == CrawlPhase::finishing) return;
  start_.log->write(LogLevel::warning, place.name() + ": ended by " + exit.to_text());
  if (!death.delay) return events_.on_hopeless("doutu-fetcher does not start; see the log");
  place.delay(*death.delay, [this] { hand_out(); });
}

void FetcherPool::kill_fetcher_of(std::uint64_t generation) {
  for (auto& place : places_) {
    if (place->child() != nullptr && place->generation() == generation) place->kill(FetcherPlace::Kill::broke_rules);
  }
}

void FetcherPool::watch(MonoTime now) {
  for (auto& place : places_) {
    if (place->child() == nullptr || place->state() == PlaceState::killed) continue;
    const bool is_silent = heartbeats_.is_silent(place->child()->stats(), place->started(), now);
    if (!is_silent && !is_too_slow(*place, now)) continue;
    start_.log->write(LogLevel::warning,
                      place->name() + (is_silent ? ": no sign of life; killed" : ": page too slow; killed"));
    place->kill(is_silent ? FetcherPlace::Kill::silent : FetcherPlace::Kill::too_slow);
  }
}

/// The downloader may stand still for a full disk, and for a long sync of one that is slow; and all transfers take
/// turns under --limit-rate.
Duration FetcherPool::longest_wait() const {
  constexpr seconds kLongestSync{600};
  const Duration of_lane = settings_.folder.disk_wait + kLongestSync;
  const std::uint64_t rate = settings_.limits.max_rate;
  if (rate == 0) return of_lane;
  const std::uint64_t in_turn = places_.size() + images_at_a_time(settings_);
  const std::uint64_t in_seconds = std::max(settings_.page.max_bytes, kLargestPage) / rate * in_turn;
  return of_lane + seconds(std::min(in_seconds, kMonth));
}

bool FetcherPool::is_too_slow(const FetcherPlace& place, MonoTime now) const {
  const StatsPage& stats = place.child()->stats();
  return place.page() &&
         is_past_deadline({.given = std::max(place.page_given(), heartbeats_.not_before),
                           .allowed = place.page() == FetcherPlace::kNoPage ? time_for_login() : time_for_page(),
                           .longest_wait = longest_wait(),
                           .held_ns = stats.held_ns,
                           .held_since_ns = stats.held_since_ns},
                          now);
}

// --- The end.

void FetcherPool::finish() {
  phase_ = CrawlPhase::finishing;
  for (auto& place : places_) {
    if (place->child() != nullptr) place->child()->close();
  }
}

void FetcherPool::kill_all() {
  phase_ = CrawlPhase::ending;
  page_timer_->cancel();
  demand_timer_->cancel();
  for (auto& place : places_) {
    place->stay();
    if (place->child() != nullptr) place->kill(FetcherPlace::Kill::crawl_ends);  // it owns nothing worth keeping
  }
}

void FetcherPool::signal_all(int number) const {
  for (const auto& place : places_) {
    if (place->child() != nullptr) place->child()->signal(number);
  }
}

}  // namespace doutu

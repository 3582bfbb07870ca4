#include "crawler/crawl.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "shared/base/escape.h"

namespace doutu {
namespace {

/// Pages of one fetcher that may wait in its lane for the ledger, so that what is announced stays small.
constexpr std::size_t kMaxUnrecorded = 16;
/// What a page may take beyond its transfer: parsing, XPath.
constexpr seconds kParseAllowance{15};
/// How long a downloader may take beyond finish_wait for its checkpoint.
constexpr seconds kCheckpointAllowance{20};

Message message_of(MessageKind kind) {
  Message message;
  message.kind = kind;
  return message;
}

std::string text_of(const AccountRequest& request) {
  std::string text;
  for (const auto* part : {&request.url_template, &request.pages, &request.xpaths}) text.append(*part).push_back('\0');
  return text;
}

}  // namespace

Crawl::Crawl(CrawlStart& start)
    : start_(start),
      log_(*start.log),
      plan_(*start.plan),
      settings_(start.command.settings),
      signals_(io_, SIGINT, SIGTERM, SIGHUP),
      tick_timer_(io_),
      page_timer_(io_),
      downloader_timer_(io_),
      page_failures_(start.page_failures),
      view_(log_) {
  signals_.add(SIGTSTP);
  for (std::uint32_t i = 1; i <= start_.command.fetchers; ++i) {
    fetchers_.push_back(std::make_unique<Fetcher>("fetcher " + std::to_string(i), io_));
  }
}

Crawl::~Crawl() = default;

CrawlEnd Crawl::run() {
  wait_for_signals();
  start_downloader();
  fill_fetchers();
  on_tick();
  io_.run();
  log_.clear_view();
  return *end_;
}

// ------------------------------------------------------------------------------------------------ the downloader

void Crawl::start_downloader() {
  if (phase_ == Phase::ending) return stop_if_empty();
  downloader_ready_ = downloader_worked_ = downloader_silent_ = false;
  auto child = Supervised::start(io_, "doutu-downloader", {},
                                 {.on_message = [this](Message& message) { on_downloader_message(message); },
                                  .on_exit = [this](Exit exit) { on_downloader_exit(exit); },
                                  .on_log = [this](auto line) { log_.write_child_line("downloader", line); }});
  if (!child) return end(CrawlEnd::Why::broken, child.error().message);
  downloader_ = *std::move(child);
  ++downloader_starts_;
  introduce();
}

/// Tells a new downloader everything that the one before knew of this run.
void Crawl::introduce() {
  Message configure = message_of(MessageKind::configure);
  configure.text = settings_.encode();
  tell_downloader(std::move(configure));

  Message account = message_of(MessageKind::begin_account);
  account.account = start_.account;
  account.text = text_of(start_.request);
  tell_downloader(std::move(account));

  for (const auto& [image, strikes] : suspects_) {
    Message suspected =
        message_of(given_up_images_.contains(image) ? MessageKind::image_given_up : MessageKind::image_suspected);
    suspected.image = image;
    tell_downloader(std::move(suspected));
  }
  for (const auto& [generation, lane] : lanes_) announce(generation, lane);
  for (const auto& [page, in_hand] : pages_) {
    if (in_hand.given_up) tell_downloader(failure_of(page));
  }
  if (phase_ == Phase::finishing) tell_downloader(message_of(MessageKind::no_more_pages));
}

/// A lane with the pages that may be in it.
void Crawl::announce(std::uint64_t generation, const OpenLane& open) {
  Message opened = message_of(MessageKind::lane_opened);
  opened.generation = generation;
  tell_downloader(std::move(opened), {open.lane.memory.get(), open.lane.data.get(), open.lane.space.get()});
  for (const auto& [page, in_hand] : pages_) {
    if (in_hand.generation != generation || in_hand.given_up) continue;
    Message assigned = message_of(MessageKind::page_assigned);
    assigned.page = page;
    assigned.attempt = in_hand.attempt;
    assigned.generation = generation;
    assigned.text = in_hand.url;
    tell_downloader(std::move(assigned));
  }
  if (!open.closed) return;
  Message closed = message_of(MessageKind::lane_closed);
  closed.generation = generation;
  tell_downloader(std::move(closed));
}

void Crawl::tell_downloader(Message message, std::vector<int> fds) {
  if (downloader_) downloader_->send(std::move(message), std::move(fds));
}

void Crawl::on_downloader_message(Message& message) {
  switch (message.kind) {
    case MessageKind::ready:
      downloader_ready_ = true;
      return hand_out_pages();
    case MessageKind::page_recorded:
      downloader_worked_ = true;
      return on_page_recorded(message);
    case MessageKind::lane_drained:
      return on_lane_drained(message.generation);
    case MessageKind::settled:
      return end(CrawlEnd::Why::settled);
    case MessageKind::stopped_early:
      return end(CrawlEnd::Why::stopped_early, message.text);
    case MessageKind::fatal:
      return end(CrawlEnd::Why::broken, message.text);
    default:
      return log_.write(LogLevel::error, "bug: a message from the downloader that it has no right to send");
  }
}

void Crawl::on_downloader_exit(Exit exit) {
  // One that crashed over an image had come as far as its first job; the image's strikes bound how often.
  const std::uint64_t saved = downloader_->stats().saved;
  const bool worked = downloader_worked_ || saved > saved_so_far_ || (exit.is_crash() && !in_flight().empty());
  saved_so_far_ = std::max(saved_so_far_, saved);
  const bool killed_from_outside = exit.signal == SIGKILL && !downloader_silent_;
  if (phase_ != Phase::ending && (exit.is_crash() || downloader_silent_)) note_suspects();
  downloader_.reset();
  if (phase_ == Phase::ending) return stop_if_empty();

  auto delay = downloader_restarts_.after_death(worked ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no);
  if (!delay && killed_from_outside) delay = RestartPolicy::kMaxDelay;  // its program is not what is wrong
  if (!delay) return end(CrawlEnd::Why::broken, "doutu-downloader does not start: " + exit.in_words());
  log_.write(LogLevel::warning, "downloader: ended by " + exit.in_words() + "; starting another");
  downloader_timer_.expires_after(*delay);
  downloader_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) start_downloader();
  });
}

void Crawl::note_suspects() {
  // Silence says less about the images than a crash does: a disk or a resolver may hang as well.
  const auto death = downloader_silent_ ? Strikes::Death::killed : Strikes::Death::crash;
  for (const std::int64_t image : in_flight()) {
    if (suspects_[image].add(death)) given_up_images_.insert(image);
  }
}

std::vector<std::int64_t> Crawl::in_flight() const {
  std::vector<std::int64_t> images;
  for (const auto& slot : downloader_->stats().in_flight) {
    const std::int64_t image = slot.load(std::memory_order_relaxed);
    if (image != 0) images.push_back(image);
  }
  return images;
}

// ---------------------------------------------------------------------------------------------------- fetchers

/// As many fetchers as are allowed, but never more than pages.
void Crawl::fill_fetchers() {
  if (phase_ != Phase::running) return;
  const std::uint64_t wanted = std::min<std::uint64_t>(fetchers_.size(), plan_.tally().pending());
  for (std::uint64_t i = 0; i < wanted && phase_ == Phase::running; ++i) {
    if (!fetchers_[i]->child && !fetchers_[i]->restarting) start_fetcher(*fetchers_[i]);
  }
  finish_if_all_settled();
}

void Crawl::start_fetcher(Fetcher& fetcher) {
  const std::uint64_t generation = ++last_generation_;
  auto lane = create_lane({settings_.run_id, generation});
  if (!lane) return end(CrawlEnd::Why::broken, lane.error().message);
  auto child = Supervised::start(
      io_, "doutu-fetcher",
      {{lane->memory.get(), kLaneFd}, {lane->data.get(), kLaneDataFd}, {lane->space.get(), kLaneSpaceFd}},
      {.on_message = [this, &fetcher](Message& message) { on_fetcher_message(fetcher, message); },
       .on_exit = [this, &fetcher](Exit exit) { on_fetcher_exit(fetcher, exit); },
       .on_log = [this, &fetcher](auto line) { log_.write_child_line(fetcher.name, line); }});
  if (!child) return end(CrawlEnd::Why::broken, child.error().message);
  fetcher.child = *std::move(child);
  ++fetcher.starts;
  fetcher.generation = generation;
  fetcher.ready = fetcher.worked = fetcher.too_slow = fetcher.silent = false;

  Message configure = message_of(MessageKind::configure);
  configure.generation = generation;
  configure.text = settings_.encode();
  fetcher.child->send(std::move(configure));
  announce(generation,
           lanes_.emplace(generation, OpenLane{.lane = *std::move(lane), .closed = false, .broken = false, .page = {}})
               .first->second);
}

void Crawl::on_fetcher_message(Fetcher& fetcher, const Message& message) {
  if (message.kind != MessageKind::ready) {  // a fetcher reads what strangers wrote; it has no right to say more
    log_.write(LogLevel::error, fetcher.name + ": sent a message that it has no right to send");
    return fetcher.child->signal(SIGKILL);
  }
  fetcher.worked = fetcher.worked || fetcher.page.has_value();
  fetcher.ready = true;
  fetcher.page.reset();
  hand_out_pages();
}

void Crawl::on_fetcher_exit(Fetcher& fetcher, Exit exit) {
  fetcher.child.reset();
  // One that died of a page had come as far as its first job; the page's strikes bound how often.
  fetcher.worked = fetcher.worked || fetcher.page.has_value();
  if (phase_ == Phase::ending) return stop_if_empty();

  auto& lane = lanes_.at(fetcher.generation);
  lane.closed = true;
  lane.page = std::exchange(fetcher.page, std::nullopt);
  lane.too_slow = fetcher.too_slow;
  const bool crashed = exit.is_crash() || exit.signal == 0 || fetcher.silent;
  lane.death = crashed ? Strikes::Death::crash : Strikes::Death::killed;
  Message closed = message_of(MessageKind::lane_closed);
  closed.generation = fetcher.generation;
  tell_downloader(std::move(closed));

  if (phase_ == Phase::finishing) return;
  log_.write(LogLevel::warning, fetcher.name + ": ended by " + exit.in_words());
  restart_fetcher(fetcher);
}

void Crawl::restart_fetcher(Fetcher& fetcher) {
  const auto delay =
      fetcher.restarts.after_death(fetcher.worked ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no);
  if (!delay) return end(CrawlEnd::Why::broken, "doutu-fetcher does not start; the log says more");
  fetcher.restarting = true;
  fetcher.restart_timer.expires_after(*delay);
  fetcher.restart_timer.async_wait([this, &fetcher](boost::system::error_code error) {
    if (error) return;
    fetcher.restarting = false;
    fill_fetchers();
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
  fill_fetchers();
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

// ------------------------------------------------------------------------------------------------------- pages

void Crawl::hand_out_pages() {
  if (phase_ != Phase::running || !downloader_ready_) return;
  for (auto& fetcher : fetchers_) {
    if (!fetcher->child || !fetcher->ready || fetcher->page) continue;
    if (unrecorded(fetcher->generation) >= kMaxUnrecorded) continue;
    MonoTime wake_at{};
    const auto task = plan_.next(mono_now(), wake_at);
    if (!task) {
      if (wake_at == MonoTime::max()) return;
      no_page_before_ = wake_at;
      page_timer_.expires_at(wake_at);
      return page_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) hand_out_pages();
      });
    }
    fetcher->page = task->page;
    PageInHand in_hand{.attempt = task->attempt,
                       .generation = fetcher->generation,
                       .url = start_.url_template.url_of(task->page),
                       .given_up = {}};

    // To the downloader first: its lane may have records of the page before this process runs again.
    Message assigned = message_of(MessageKind::page_assigned);
    assigned.page = task->page;
    assigned.attempt = task->attempt;
    assigned.generation = fetcher->generation;
    assigned.text = in_hand.url;
    Message fetch = message_of(MessageKind::fetch_page);
    fetch.page = task->page;
    fetch.attempt = task->attempt;
    fetch.text = in_hand.url;
    pages_.insert_or_assign(task->page, std::move(in_hand));
    tell_downloader(std::move(assigned));
    fetcher->child->send(std::move(fetch));
  }
}

std::size_t Crawl::unrecorded(std::uint64_t generation) const {
  return static_cast<std::size_t>(std::count_if(
      pages_.begin(), pages_.end(), [generation](const auto& entry) { return entry.second.generation == generation; }));
}

void Crawl::on_page_recorded(const Message& message) {
  const auto found = pages_.find(message.page);
  if (found == pages_.end() || found->second.attempt != message.attempt) return;  // said twice, by two downloaders
  if (found->second.given_up) {
    plan_.confirm_failure(message.page);
    ++page_failures_[cause_name(*found->second.given_up, found->second.http_status)];
    pages_.erase(found);
    return fill_fetchers();
  }
  const PageResult result{message.cause, message.http_status, message.images, seconds(message.retry_after_seconds)};
  if (message.cause == Cause::bad_records && is_behind_the_culprit(found->second.generation)) {
    plan_.repeat(message.page);
    pages_.erase(found);
    return hand_out_pages();
  }
  if (message.cause != Cause::none) {
    log_.write(LogLevel::info,
               escape_url(found->second.url) + ": " + cause_in_words(message.cause, message.http_status));
  }
  if (plan_.recorded(message.page, result, mono_now()) == PagePlan::Decision::give_up) {
    return give_up(message.page, message.cause, message.http_status);
  }
  pages_.erase(found);
  hand_out_pages();
  finish_if_all_settled();
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
    if (fetcher->child && fetcher->generation == generation) fetcher->child->signal(SIGKILL);
  }
}

void Crawl::give_up(std::uint64_t page, Cause cause, std::uint16_t http_status) {
  auto& in_hand = pages_.at(page);
  in_hand.given_up = cause;
  in_hand.http_status = http_status;
  log_.write(LogLevel::warning, "page failed: " + escape_url(in_hand.url) + ": " + cause_in_words(cause, http_status));
  tell_downloader(failure_of(page));
}

Message Crawl::failure_of(std::uint64_t page) const {
  const auto& in_hand = pages_.at(page);
  Message failed = message_of(MessageKind::page_failed);
  failed.page = page;
  failed.attempt = in_hand.attempt;
  failed.cause = *in_hand.given_up;
  failed.http_status = in_hand.http_status;
  failed.text = in_hand.url;
  return failed;
}

void Crawl::finish_if_all_settled() {
  if (phase_ != Phase::running || !plan_.all_settled()) return;
  phase_ = Phase::finishing;
  for (auto& fetcher : fetchers_) {
    if (fetcher->child) fetcher->child->close_channel();
  }
  tell_downloader(message_of(MessageKind::no_more_pages));
}

// --------------------------------------------------------------------------------------------------- the clock

void Crawl::on_tick() {
  const MonoTime now = mono_now();
  for (auto& fetcher : fetchers_) see_to_fetcher(*fetcher, now);
  see_to_downloader(now);
  show();
  tick_timer_.expires_after(CrawlView::kFrame);
  tick_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) on_tick();
  });
}

bool Crawl::is_silent(const Supervised& child, MonoTime now) const {
  return now - std::max(child.last_beat(), no_heartbeat_before_) > start_.command.heartbeat;
}

bool Crawl::is_past_deadline(const Fetcher& fetcher, MonoTime now) const {
  const StatsPage& stats = fetcher.child->stats();
  std::int64_t started = stats.page_started_ns.load(std::memory_order_relaxed);
  if (!fetcher.page || started == 0) return false;
  started = std::max(started, to_nanoseconds(no_heartbeat_before_));
  const std::int64_t waiting_since = stats.lane_wait_since_ns.load(std::memory_order_relaxed);
  const std::int64_t waiting = waiting_since == 0 ? 0 : to_nanoseconds(now) - waiting_since;
  const std::int64_t waited = stats.lane_wait_ns.load(std::memory_order_relaxed) + waiting;
  const std::chrono::nanoseconds worked(to_nanoseconds(now) - started - waited);
  return worked > settings_.page_timeout + kParseAllowance;
}

void Crawl::see_to_fetcher(Fetcher& fetcher, MonoTime now) {
  if (!fetcher.child || fetcher.silent || fetcher.too_slow) return;
  fetcher.silent = is_silent(*fetcher.child, now);
  fetcher.too_slow = !fetcher.silent && is_past_deadline(fetcher, now);
  if (!fetcher.silent && !fetcher.too_slow) return;
  log_.write(LogLevel::warning,
             fetcher.name + (fetcher.silent ? ": no sign of life; killed" : ": page too slow; killed"));
  fetcher.child->signal(SIGKILL);
}

void Crawl::see_to_downloader(MonoTime now) {
  if (!downloader_ || downloader_silent_) return;
  if (phase_ == Phase::ending && now >= end_by_) return downloader_->signal(SIGKILL);
  if (!is_silent(*downloader_, now)) return;
  downloader_silent_ = true;
  log_.write(LogLevel::warning, "downloader: no sign of life; killed");
  downloader_->signal(SIGKILL);
}

// ----------------------------------------------------------------------------------------------------- the end

void Crawl::wait_for_signals() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (error) return;
    on_signal(number);
    wait_for_signals();
  });
}

void Crawl::on_signal(int number) {
  if (number == SIGTSTP) return suspend();
  if (number == SIGHUP) {  // the terminal is gone: the view stops, crawl and log go on
    return log_.leave_terminal();
  }
  if (phase_ != Phase::ending) {
    log_.write(LogLevel::info, "stopping: finishing what is in hand (a second signal stops at once)");
    return end(CrawlEnd::Why::interrupted, {}, number);
  }
  if (downloader_) downloader_->signal(SIGKILL);
  stop_if_empty();
}

/// Ctrl-Z: the children are in process groups of their own, so they are stopped and continued with this process.
void Crawl::suspend() {
  const auto signal_all = [this](int number) {
    if (downloader_) downloader_->signal(number);
    for (auto& fetcher : fetchers_) {
      if (fetcher->child) fetcher->child->signal(number);
    }
  };
  log_.clear_view();
  signal_all(SIGSTOP);
  const MonoTime stopped = mono_now();
  ::raise(SIGSTOP);
  signal_all(SIGCONT);
  no_heartbeat_before_ = mono_now();
  if (phase_ == Phase::ending) end_by_ += no_heartbeat_before_ - stopped;
}

void Crawl::end(CrawlEnd::Why why, std::string message, int signal) {
  if (phase_ == Phase::ending) return;
  phase_ = Phase::ending;
  end_ = CrawlEnd{why, signal, std::move(message)};
  end_by_ = mono_now() + settings_.finish_wait + kCheckpointAllowance;
  downloader_timer_.cancel();
  page_timer_.cancel();
  for (auto& fetcher : fetchers_) {
    fetcher->restart_timer.cancel();
    if (fetcher->child) fetcher->child->signal(SIGKILL);  // it owns nothing worth keeping
  }
  if (downloader_) downloader_->close_channel();
  stop_if_empty();
}

void Crawl::stop_if_empty() {
  const auto is_gone = [](const auto& fetcher) { return !fetcher->child; };
  if (!downloader_ && std::all_of(fetchers_.begin(), fetchers_.end(), is_gone)) io_.stop();
}

}  // namespace doutu

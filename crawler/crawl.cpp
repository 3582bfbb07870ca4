#include "crawler/crawl.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "crawler/page_deadline.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/base/system_limits.h"

namespace doutu {
namespace {

/// How long a downloader may take beyond finish_wait for its checkpoint.
constexpr seconds kCheckpointAllowance{20};

}  // namespace

Crawl::Crawl(CrawlStart& start, CrawlLoop& loop, ChildHost& host)
    : start_(start),
      log_(*start.log),
      plan_(*start.plan),
      settings_(start.command.settings),
      loop_(loop),
      host_(host),
      tick_timer_(loop.make_timer()),
      page_timer_(loop.make_timer()),
      hunger_timer_(loop.make_timer()),
      downloader_timer_(loop.make_timer()),
      heartbeats_{start.command.heartbeat},
      decoder_(loop, host, *start.log),
      began_(loop.now()),
      page_failures_(start.page_failures),
      images_(start.tally_before),
      view_(log_, *start_.folder) {
  for (std::uint32_t i = 1; i <= start_.command.fetchers; ++i) {
    fetchers_.push_back(std::make_unique<Fetcher>("fetcher " + std::to_string(i), loop_));
  }
}

Crawl::~Crawl() = default;

CrawlEnd Crawl::run() {
  loop_.on_signal([this](int number) { on_signal(number); });
  start_downloader();
  on_tick();
  loop_.run();
  log_.clear_view();
  return *end_;
}

// --- The clock.

void Crawl::on_tick() {
  const MonoTime now = loop_.now();
  for (auto& fetcher : fetchers_) see_to_fetcher(*fetcher, now);
  see_to_downloader(now);
  hand_out_pages();
  show();
  tick_timer_->set(loop_.now() + CrawlView::kFrame, [this] { on_tick(); });
}

bool Crawl::is_too_slow(const Fetcher& fetcher, MonoTime now) const {
  // The downloader may stand still for a full disk, and for a long sync of one that is slow.
  constexpr seconds kLongestSync{600};
  const StatsPage& stats = fetcher.child->stats();
  return fetcher.page && is_past_deadline({.given = std::max(fetcher.page_given, heartbeats_.not_before),
                                           .allowed = time_for_page(),
                                           .longest_lane_wait = settings_.disk_wait + kLongestSync,
                                           .lane_wait_ns = stats.lane_wait_ns,
                                           .lane_wait_since_ns = stats.lane_wait_since_ns},
                                          now);
}

void Crawl::see_to_fetcher(Fetcher& fetcher, MonoTime now) {
  if (!fetcher.child || fetcher.silent || fetcher.too_slow) return;
  fetcher.silent = heartbeats_.is_silent(fetcher.child->stats(), fetcher.started, now);
  fetcher.too_slow = !fetcher.silent && is_too_slow(fetcher, now);
  if (!fetcher.silent && !fetcher.too_slow) return;
  log_.write(LogLevel::warning,
             fetcher.name + (fetcher.silent ? ": no sign of life; killed" : ": page too slow; killed"));
  kill(fetcher);
}

void Crawl::see_to_downloader(MonoTime now) {
  if (!downloader_ || downloader_silent_) return;
  if (phase_ == Phase::ending && now >= end_by_) return downloader_->signal(SIGKILL);
  if (!heartbeats_.is_silent(downloader_->stats(), downloader_started_, now)) return;
  downloader_silent_ = true;
  log_.write(LogLevel::warning, "downloader: no sign of life; killed");
  downloader_->signal(SIGKILL);
}

// --- The end.

void Crawl::on_signal(int number) {
  if (number == SIGTSTP) return suspend();
  if (number == SIGHUP) {  // the terminal is gone: the view stops, crawl and log go on
    return log_.leave_terminal();
  }
  if (phase_ != Phase::ending) {
    const std::uint64_t images = downloader_ ? downloader_->stats().in_flight_count.load() : 0;
    log_.tell("stopping: finishing " + human_number_of(images, "image") + " in hand, up to " +
              human_time(std::chrono::duration<double>(settings_.finish_wait).count()) +
              "; Ctrl-C again stops at once");
    return end(CrawlEnd::Why::interrupted, {}, number);
  }
  if (downloader_) downloader_->signal(SIGKILL);
  stop_if_empty();
}

/// Ctrl-Z: the children are in process groups of their own, so they are stopped and continued with this process.
void Crawl::suspend() {
  if (!loop_.is_resumed_by_somebody()) return;
  const auto signal_all = [this](int number) {
    if (downloader_) downloader_->signal(number);
    decoder_.signal(number);
    for (auto& fetcher : fetchers_) {
      if (fetcher->child) fetcher->child->signal(number);
    }
  };
  log_.clear_view();
  view_.suspend(figures(loop_.now()));
  signal_all(SIGSTOP);
  const MonoTime stopped = loop_.now();
  loop_.stop_process();
  signal_all(SIGCONT);
  heartbeats_.not_before = loop_.now();
  if (phase_ == Phase::ending) end_by_ += heartbeats_.not_before - stopped;
}

void Crawl::end(CrawlEnd::Why why, std::string message, int signal) {
  if (phase_ == Phase::ending) return;
  phase_ = Phase::ending;
  end_ = CrawlEnd{why, signal, std::move(message)};
  end_by_ = loop_.now() + settings_.finish_wait + kCheckpointAllowance;
  downloader_timer_->cancel();
  page_timer_->cancel();
  hunger_timer_->cancel();
  for (auto& fetcher : fetchers_) {
    fetcher->restart_timer->cancel();
    if (fetcher->child) fetcher->child->signal(SIGKILL);  // it owns nothing worth keeping
  }
  if (downloader_) downloader_->close();
  stop_if_empty();
}

/// Others may give back what is wanting.
bool Crawl::may_pass(const Error& error) { return is_want(error.code); }

/// When to start a child again that the system had no descriptor, memory or process for; nullopt: the crawl ends.
std::optional<Duration> Crawl::delay_after(const Error& error, const std::string& child, RestartPolicy& restarts) {
  const auto delay = may_pass(error) ? restarts.after_death(RestartPolicy::Worked::no) : std::nullopt;
  if (delay) {
    log_.write(LogLevel::warning, child + ": " + error.message + "; trying again");
  } else {
    end(CrawlEnd::Why::broken, error.message + "; the same command continues");
  }
  return delay;
}

void Crawl::stop_if_empty() {
  const auto is_gone = [](const auto& fetcher) { return !fetcher->child; };
  if (!downloader_ && std::all_of(fetchers_.begin(), fetchers_.end(), is_gone)) loop_.stop();
}

}  // namespace doutu

#include "crawler/crawl.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "crawler/page_deadline.h"
#include "crawler/view/human_text.h"
#include "shared/base/escape.h"
#include "shared/base/system_limits.h"

namespace doutu {
namespace {

/// How long a downloader may take beyond finish_wait for its checkpoint.
constexpr seconds kCheckpointAllowance{20};

/// A session leader (ssh -t, docker -it) has no shell above it, and a parent of another session is none of ours.
bool somebody_resumes_us() {
  const pid_t session = ::getsid(0);
  return session != ::getpid() && ::getsid(::getppid()) == session;
}

/// By SIGTSTP's own default, which the kernel drops for a process group that no shell watches.
void stop_as_the_kernel_allows() {
  struct sigaction by_default {};
  struct sigaction ours {};
  by_default.sa_handler = SIG_DFL;
  ::sigaction(SIGTSTP, &by_default, &ours);
  ::raise(SIGTSTP);
  ::sigaction(SIGTSTP, &ours, nullptr);
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
      hunger_timer_(io_),
      downloader_timer_(io_),
      decoder_(io_, start.children, *start.log),
      page_failures_(start.page_failures),
      images_(start.tally_before),
      view_(log_, *start_.folder) {
  signals_.add(SIGTSTP);
  for (std::uint32_t i = 1; i <= start_.command.fetchers; ++i) {
    fetchers_.push_back(std::make_unique<Fetcher>("fetcher " + std::to_string(i), io_));
  }
}

Crawl::~Crawl() = default;

CrawlEnd Crawl::run() {
  wait_for_signals();
  start_downloader();
  on_tick();
  io_.run();
  log_.clear_view();
  return *end_;
}

// --- The clock.

void Crawl::on_tick() {
  const MonoTime now = mono_now();
  for (auto& fetcher : fetchers_) see_to_fetcher(*fetcher, now);
  see_to_downloader(now);
  hand_out_pages();
  show();
  tick_timer_.expires_after(CrawlView::kFrame);
  tick_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) on_tick();
  });
}

bool Crawl::is_silent(const Supervised& child, MonoTime now) const {
  return now - std::max(child.last_beat(), no_heartbeat_before_) > start_.command.heartbeat;
}

bool Crawl::is_too_slow(const Fetcher& fetcher, MonoTime now) const {
  // The downloader may stand still for a full disk, and for a long sync of one that is slow.
  constexpr seconds kLongestSync{600};
  const StatsPage& stats = fetcher.child->stats();
  return fetcher.page && is_past_deadline({.given = std::max(fetcher.page_given, no_heartbeat_before_),
                                           .allowed = time_for_page(),
                                           .longest_lane_wait = settings_.disk_wait + kLongestSync,
                                           .lane_wait_ns = stats.lane_wait_ns,
                                           .lane_wait_since_ns = stats.lane_wait_since_ns},
                                          now);
}

void Crawl::see_to_fetcher(Fetcher& fetcher, MonoTime now) {
  if (!fetcher.child || fetcher.silent || fetcher.too_slow) return;
  fetcher.silent = is_silent(*fetcher.child, now);
  fetcher.too_slow = !fetcher.silent && is_too_slow(fetcher, now);
  if (!fetcher.silent && !fetcher.too_slow) return;
  log_.write(LogLevel::warning,
             fetcher.name + (fetcher.silent ? ": no sign of life; killed" : ": page too slow; killed"));
  kill(fetcher);
}

void Crawl::see_to_downloader(MonoTime now) {
  if (!downloader_ || downloader_silent_) return;
  if (phase_ == Phase::ending && now >= end_by_) return downloader_->signal(SIGKILL);
  if (!is_silent(*downloader_, now)) return;
  downloader_silent_ = true;
  log_.write(LogLevel::warning, "downloader: no sign of life; killed");
  downloader_->signal(SIGKILL);
}

// --- The end.

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
  if (!somebody_resumes_us()) return;
  const auto signal_all = [this](int number) {
    if (downloader_) downloader_->signal(number);
    decoder_.signal(number);
    for (auto& fetcher : fetchers_) {
      if (fetcher->child) fetcher->child->signal(number);
    }
  };
  log_.clear_view();
  view_.suspend(figures(mono_now()));
  signal_all(SIGSTOP);
  const MonoTime stopped = mono_now();
  stop_as_the_kernel_allows();
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
  hunger_timer_.cancel();
  for (auto& fetcher : fetchers_) {
    fetcher->restart_timer.cancel();
    if (fetcher->child) fetcher->child->signal(SIGKILL);  // it owns nothing worth keeping
  }
  if (downloader_) downloader_->close_channel();
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
  if (!downloader_ && std::all_of(fetchers_.begin(), fetchers_.end(), is_gone)) io_.stop();
}

}  // namespace doutu

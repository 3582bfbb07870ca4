#include "crawler/run/crawl.h"

#include <csignal>
#include <utility>
#include <variant>

#include "shared/base/human_text.h"
#include "shared/base/overloaded.h"

namespace doutu {
namespace {

/// How long a downloader may take beyond finish_wait for its checkpoint.
constexpr seconds kCheckpointAllowance{20};

}  // namespace

Crawl::Crawl(CrawlStart& start, CrawlLoop& loop, ChildHost& host)
    : start_(start),
      log_(*start.log),
      loop_(loop),
      heartbeats_{.allowed = start.command.heartbeat},
      tick_timer_(loop.make_timer()),
      admission_(start.command.before, start.command.settings),
      decoder_(loop, host, log_),
      downloader_(loop, host, log_, heartbeats_, introduction(),
                  {.on_start = [this] { on_downloader_start(); },
                   .on_ready =
                       [this] {
                         if (!start_.command.settings.http.no_cookies) start_.cookies.begin_again(*start_.folder);
                         go_on();
                       },
                   .on_message = [this](Message& message) { on_downloader_message(message); },
                   .on_hopeless = [this](std::string why) { end(CrawlEnd::Why::broken, std::move(why)); },
                   .on_finished = [this] { stop_if_empty(); }}),
      pages_(*start.plan, admission_, downloader_, log_, start.page_failures),
      fetchers_(start, loop, host, heartbeats_, pages_, admission_, downloader_,
                {.on_hopeless = [this](std::string why) { end(CrawlEnd::Why::broken, std::move(why)); },
                 .on_finished = [this] { stop_if_empty(); }}),
      snapshots_(start, downloader_, fetchers_, pages_, heartbeats_, loop.now()),
      view_(log_, *start.folder) {}

CrawlEnd Crawl::run() {
  loop_.on_signal([this](int number) { on_signal(number); });
  downloader_.start();
  on_tick();
  loop_.run();
  log_.clear_view();
  return *end_;
}

// --- The downloader.

DownloaderLink::Introduction Crawl::introduction() const {
  const JobSpec& spec = start_.spec;
  return {.settings = start_.command.settings.encode(),
          .job = {start_.job, spec.url_template, spec.pages, spec.xpaths}};
}

void Crawl::on_downloader_start() {
  decoder_.listen();
  for (std::string& line : start_.cookies.lines_for_downloader(*start_.folder)) {
    downloader_.tell(CookieKnown{std::move(line)});
  }
  pages_.introduce();
  if (phase_ == CrawlPhase::finishing) downloader_.tell(NoMorePages{});
}

void Crawl::on_downloader_message(Message& message) {
  std::visit(Overloaded{
                 [this](const CookieKnown& known) { start_.cookies.know(known.cookie); },
                 [this](const PageRecorded& recorded) {
                   const auto broken_lane = pages_.on_recorded(recorded, loop_.now());
                   if (broken_lane) fetchers_.kill_fetcher_of(*broken_lane);
                   go_on();
                 },
                 [this](const RobotsKnown& known) { pages_.on_robots(known, loop_.now()); },
                 [this](const LaneDrained& drained) {
                   pages_.on_lane_drained(drained.generation, loop_.now());
                   go_on();
                 },
                 [this](PageWaiting& waiting) { pages_.on_waiting(std::move(waiting.task)); },
                 [this](const PagesTold& told) {
                   pages_.on_told(told);
                   go_on();
                 },
                 [this](const Settled&) { end(CrawlEnd::Why::settled); },
                 [this](StoppedEarly& stopped) { end(CrawlEnd::Why::stopped_early, std::move(stopped.why)); },
                 [this](LimitReached& reached) { end(CrawlEnd::Why::limit_reached, std::move(reached.why)); },
                 [this](Fatal& fatal) { end(CrawlEnd::Why::broken, std::move(fatal.why)); },
                 [this](const auto&) {
                   log_.write(LogLevel::error, "bug: the downloader sent a message that it may not send");
                 },
             },
             message);
}

void Crawl::go_on() {
  if (!admission_.failure().empty()) return end(CrawlEnd::Why::broken, admission_.failure());
  fetchers_.hand_out();
  pages_.follow_plan();
  if (phase_ != CrawlPhase::running || !start_.plan->all_settled()) return;
  phase_ = CrawlPhase::finishing;
  fetchers_.finish();
  downloader_.tell(NoMorePages{});
}

// --- The clock.

void Crawl::on_tick() {
  const MonoTime now = loop_.now();
  fetchers_.watch(now);
  if (now >= end_by_) {
    downloader_.signal(SIGKILL);
  } else {
    downloader_.watch(now);
  }
  go_on();
  show();
  tick_timer_->set(loop_.now() + CrawlView::kFrame, [this] { on_tick(); });
}

void Crawl::show() {
  const MonoTime now = loop_.now();
  CrawlSnapshot snapshot = snapshots_.snapshot(phase_, now);
  const BottleneckSigns signs = snapshots_.bottleneck_signs(snapshot, phase_, now);
  view_.update(std::move(snapshot), signs, now);
}

// --- The end.

void Crawl::on_signal(int number) {
  if (number == SIGTSTP) return suspend();
  if (number == SIGHUP) {  // the terminal is gone: the view stops, crawl and log go on
    return log_.leave_terminal();
  }
  if (phase_ != CrawlPhase::ending) {
    const auto patience = std::chrono::duration<double>(start_.command.settings.run.finish_wait).count();
    log_.tell("stopping: finishing " + human_number_of(images_in_hand(), "image") + " in hand, up to " +
              human_time(patience) + "; Ctrl-C again stops at once");
    return end(CrawlEnd::Why::interrupted, {}, number);
  }
  downloader_.signal(SIGKILL);
  stop_if_empty();
}

std::uint64_t Crawl::images_in_hand() const {
  return downloader_.child() != nullptr ? downloader_.child()->stats().in_flight_count.load() : 0;
}

/// Ctrl-Z: the children are in process groups of their own, so they are stopped and continued with this process.
void Crawl::suspend() {
  if (!loop_.is_resumed_by_somebody()) return;
  log_.clear_view();
  view_.suspend(snapshots_.snapshot(phase_, loop_.now()));
  signal_children(SIGSTOP);
  const MonoTime stopped = loop_.now();
  loop_.stop_process();
  signal_children(SIGCONT);
  heartbeats_.not_before = loop_.now();
  if (phase_ == CrawlPhase::ending) end_by_ += heartbeats_.not_before - stopped;
}

void Crawl::signal_children(int number) {
  downloader_.signal(number);
  decoder_.signal(number);
  fetchers_.signal_all(number);
}

void Crawl::end(CrawlEnd::Why why, std::string message, int signal) {
  if (phase_ == CrawlPhase::ending) return;
  phase_ = CrawlPhase::ending;
  end_ = CrawlEnd{why, signal, std::move(message)};
  end_by_ = loop_.now() + start_.command.settings.run.finish_wait + kCheckpointAllowance;
  fetchers_.kill_all();
  downloader_.finish();
  stop_if_empty();
}

void Crawl::stop_if_empty() {
  if (downloader_.child() == nullptr && !fetchers_.has_fetcher()) loop_.stop();
}

}  // namespace doutu

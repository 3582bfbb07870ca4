#include "crawler/run/downloader_link.h"

#include <algorithm>
#include <csignal>
#include <utility>
#include <variant>

namespace doutu {

DownloaderLink::DownloaderLink(CrawlLoop& loop, ChildHost& host, CrawlLog& log, const Heartbeats& heartbeats,
                               Introduction introduction, Events events)
    : loop_(loop),
      host_(host),
      log_(log),
      heartbeats_(heartbeats),
      events_(std::move(events)),
      introduction_(std::move(introduction)),
      timer_(loop.make_timer()) {}

void DownloaderLink::start() {
  auto started =
      host_.start(ChildRole::downloader, {.on_message = [this](Message& message) { on_message(message); },
                                          .on_exit = [this](Exit exit) { on_exit(exit); },
                                          .on_log = [this](auto line) { log_.write_child_line("downloader", line); }});
  if (!started) return cannot_start(started.error());
  child_ = std::move(started->child);
  state_ = State::starting;
  started_ = loop_.now();
  has_recorded_ = false;
  ++starts_;
  introduce();
}

void DownloaderLink::cannot_start(const Error& error) {
  const auto delay = restarts_.after_failed_start(error);
  if (!delay) return events_.on_hopeless(error.message + "; run the same command again to continue");
  log_.write(LogLevel::warning, "downloader: " + error.message + "; trying again");
  start_after(*delay);
}

void DownloaderLink::start_after(Duration delay) {
  timer_->set(loop_.now() + delay, [this] { start(); });
}

/// Tells a new one everything that the one before knew of this run.
void DownloaderLink::introduce() {
  tell(Configure{.settings = introduction_.settings, .attempt = starts_});
  tell(introduction_.job);
  for (Message& message : introduction_.suspects.messages()) tell(std::move(message));
  events_.on_start();
}

void DownloaderLink::tell(Message message, std::vector<int> fds) {
  if (child_) child_->send(std::move(message), std::move(fds));
}

void DownloaderLink::on_message(Message& message) {
  if (!std::holds_alternative<Ready>(message)) {
    has_recorded_ = has_recorded_ || std::holds_alternative<PageRecorded>(message);
    return events_.on_message(message);
  }
  if (state_ == State::starting) state_ = State::ready;
  events_.on_ready();
}

void DownloaderLink::on_exit(Exit exit) {
  const bool was_silent = state_ == State::silent;
  const auto has_worked = worked(exit);
  saved_so_far_ = std::max(saved_so_far_, child_->stats().saved.load());
  // Silence says less about the images than a crash does: a disk or a resolver may hang as well.
  if (exit.is_crash() || was_silent) {
    introduction_.suspects.add(images_in_flight(child_->stats()),
                               was_silent ? Strikes::Death::killed : Strikes::Death::crash);
  }
  child_.reset();
  state_ = State::absent;
  if (is_finishing_) return events_.on_finished();

  const bool is_from_outside = exit.signal == SIGKILL && !was_silent;
  const auto delay = restarts_.after_death(
      has_worked, is_from_outside ? RestartPolicy::Killed::from_outside : RestartPolicy::Killed::no);
  if (!delay) return events_.on_hopeless("doutu-downloader does not start: " + exit.to_text());
  log_.write(LogLevel::warning, "downloader: ended by " + exit.to_text() + "; starting another");
  start_after(*delay);
}

/// One that crashed over an image had come as far as its first job; the image's strikes bound how often. One that ends
/// by itself gives way to another.
RestartPolicy::Worked DownloaderLink::worked(const Exit& exit) const {
  const StatsPage& stats = child_->stats();
  const bool gave_way = exit.signal == 0 && exit.status == 0;
  const bool crashed_over_image = exit.is_crash() && !images_in_flight(stats).empty();
  const bool has_worked = has_recorded_ || gave_way || stats.saved > saved_so_far_ || crashed_over_image;
  return has_worked ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no;
}

void DownloaderLink::finish() {
  is_finishing_ = true;
  timer_->cancel();
  if (child_) child_->close();
}

void DownloaderLink::signal(int number) const {
  if (child_) child_->signal(number);
}

void DownloaderLink::watch(MonoTime now) {
  if (!child_ || state_ == State::silent || !heartbeats_.is_silent(child_->stats(), started_, now)) return;
  state_ = State::silent;
  log_.write(LogLevel::warning, "downloader: no sign of life; killed");
  child_->signal(SIGKILL);
}

}  // namespace doutu

// Crawl's dealings with the downloader: what it is told, what it says, and what follows from its death.
#include <algorithm>
#include <csignal>
#include <utility>
#include <variant>

#include "crawler/crawl.h"
#include "shared/base/overloaded.h"

namespace doutu {
void Crawl::start_downloader() {
  if (phase_ == Phase::ending) return stop_if_empty();
  downloader_worked_ = downloader_silent_ = false;
  auto started =
      host_.start(ChildRole::downloader, {.on_message = [this](Message& message) { on_downloader_message(message); },
                                          .on_exit = [this](Exit exit) { on_downloader_exit(exit); },
                                          .on_log = [this](auto line) { log_.write_child_line("downloader", line); }});
  if (!started) {
    if (const auto delay = delay_after(started.error(), "downloader", downloader_restarts_))
      start_downloader_after(*delay);
    return;
  }
  downloader_ = std::move(started->child);
  downloader_started_ = loop_.now();
  decoder_.listen();
  ++downloader_starts_;
  introduce();
}

/// Tells a new downloader everything that the one before knew of this run.
void Crawl::introduce() {
  const AccountRequest& request = start_.request;
  tell_downloader(Configure{.settings = settings_.encode(), .attempt = downloader_starts_});
  tell_downloader(BeginAccount{start_.account, request.url_template, request.pages, request.xpaths});
  for (const auto& [image, strikes] : suspects_) {
    if (given_up_images_.contains(image)) {
      tell_downloader(ImageGivenUp{image});
    } else {
      tell_downloader(ImageSuspected{image});
    }
  }
  for (const auto& [generation, lane] : lanes_) announce(generation, lane);
  for (const auto& [page, in_hand] : pages_) {
    if (in_hand.given_up) tell_downloader(failure_of(page));
  }
  if (phase_ == Phase::finishing) tell_downloader(NoMorePages{});
}

/// A lane with the pages that may be in it.
void Crawl::announce(std::uint64_t generation, const OpenLane& open) {
  tell_downloader(LaneOpened{generation}, {open.lane.memory.get(), open.lane.data.get(), open.lane.space.get()});
  for (const auto& [page, in_hand] : pages_) {
    if (in_hand.generation != generation || in_hand.given_up) continue;
    tell_downloader(PageAssigned{page, in_hand.attempt, generation, in_hand.url});
    if (in_hand.put) tell_downloader(PagePut{page, in_hand.attempt, generation});
  }
  if (open.closed) tell_downloader(LaneClosed{generation});
}

void Crawl::tell_downloader(Message message, std::vector<int> fds) {
  if (downloader_) downloader_->send(std::move(message), std::move(fds));
}

void Crawl::on_downloader_message(Message& message) {
  std::visit(Overloaded{
                 [this](const Ready&) {
                   downloader_ready_ = true;
                   hand_out_pages();
                 },
                 [this](const PageRecorded& recorded) {
                   downloader_worked_ = true;
                   on_page_recorded(recorded);
                 },
                 [this](const LaneDrained& drained) { on_lane_drained(drained.generation); },
                 [this](const Settled&) { end(CrawlEnd::Why::settled); },
                 [this](StoppedEarly& stopped) { end(CrawlEnd::Why::stopped_early, std::move(stopped.why)); },
                 [this](LimitReached& reached) { end(CrawlEnd::Why::limit_reached, std::move(reached.why)); },
                 [this](Fatal& fatal) { end(CrawlEnd::Why::broken, std::move(fatal.why)); },
                 [this](const auto&) {
                   log_.write(LogLevel::error, "bug: a message from the downloader that it has no right to send");
                 },
             },
             message);
}

void Crawl::on_downloader_exit(Exit exit) {
  // One that crashed over an image had come as far as its first job; the image's strikes bound how often. One that ends
  // by itself gives way to another.
  const std::uint64_t saved = downloader_->stats().saved;
  const bool gave_way = exit.signal == 0 && exit.status == 0;
  const bool worked =
      downloader_worked_ || gave_way || saved > saved_so_far_ || (exit.is_crash() && !in_flight().empty());
  saved_so_far_ = std::max(saved_so_far_, saved);
  const bool killed_from_outside = exit.signal == SIGKILL && !downloader_silent_;
  if (phase_ != Phase::ending && (exit.is_crash() || downloader_silent_)) note_suspects();
  downloader_.reset();
  downloader_ready_ = false;
  if (phase_ == Phase::ending) return stop_if_empty();

  auto delay = downloader_restarts_.after_death(worked ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no);
  if (!delay && killed_from_outside) delay = RestartPolicy::kMaxDelay;  // its program is not what is wrong
  if (!delay) return end(CrawlEnd::Why::broken, "doutu-downloader does not start: " + exit.in_words());
  log_.write(LogLevel::warning, "downloader: ended by " + exit.in_words() + "; starting another");
  start_downloader_after(*delay);
}

void Crawl::start_downloader_after(Duration delay) {
  downloader_timer_->set(loop_.now() + delay, [this] { start_downloader(); });
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

}  // namespace doutu

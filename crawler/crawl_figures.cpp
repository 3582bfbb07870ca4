// What Crawl knows, as figures. Nothing in here changes how a crawl goes.

#include <unistd.h>

#include <algorithm>
#include <array>

#include "crawler/crawl.h"

namespace doutu {
namespace {

std::string_view state_word(FetcherState state) {
  constexpr std::array<std::string_view, 5> kWords = {"starting", "idle", "fetching", "parsing", "queueing"};
  return kWords.at(std::min(static_cast<std::size_t>(state), kWords.size() - 1));  // a fetcher may write anything
}

std::map<std::string, std::uint64_t> failures_in(const StatsPage& stats) {
  std::map<std::string, std::uint64_t> failures;
  for (std::size_t i = 0; i < kFailureSlots; ++i) {
    if (const std::uint32_t count = stats.failures[i]; count > 0) failures[failure_slot_name(i)] = count;
  }
  return failures;
}

double seconds_since(MonoTime time, MonoTime now) { return std::chrono::duration<double>(now - time).count(); }

}  // namespace

void Crawl::show() {
  const MonoTime now = loop_.now();
  CrawlFigures shown = figures(now);
  const WaitSigns signs = wait_signs(shown, now);
  view_.update(std::move(shown), signs, now);
}

CrawlFigures Crawl::figures(MonoTime now) {
  CrawlFigures figures;
  figures.state = phase_ == Phase::finishing ? CrawlState::finishing : CrawlState::running;
  if (!downloader_ready_ && downloader_starts_ <= 1) figures.state = CrawlState::starting;
  if (phase_ == Phase::ending) figures.state = CrawlState::stopping;
  figures.directory = settings_.directory;
  figures.request = start_.request;
  figures.account = start_.account;
  figures.pid = ::getpid();
  figures.updated_ms = wall_milliseconds();
  figures.seconds = seconds_since(began_, now);
  figures.pages = plan_.tally();
  read_downloader(figures);
  for (const auto& fetcher : fetchers_) {
    if (fetcher->child || fetcher->restarting) figures.processes.push_back(figures_of(*fetcher, now));
  }
  figures.processes.push_back(figures_of_downloader());
  return figures;
}

/// Between two downloaders, what the one before said: a new one says nothing until its first batch.
void Crawl::read_downloader(CrawlFigures& figures) {
  if (downloader_ && downloader_->stats().found > 0) {
    const StatsPage& stats = downloader_->stats();
    images_ = {.known = stats.known,
               .repeated = stats.repeated,
               .saved = stats.saved,
               .duplicate = stats.duplicate,
               .skipped = stats.skipped,
               .failed = stats.failed,
               .pending = stats.pending,
               .bytes = stats.bytes};
    if (images_.failed > 0) image_failures_ = failures_in(stats);
  }
  figures.images = images_;
  figures.in_flight = downloader_ ? downloader_->stats().in_flight_count.load() : 0;
  figures.failures = image_failures_;
  figures.page_failures = page_failures_;
  for (const auto& [cause, count] : page_failures_) figures.failures[cause] += count;
}

ProcessFigures Crawl::figures_of(const Fetcher& fetcher, MonoTime now) const {
  ProcessFigures process{.name = fetcher.name, .restarts = std::max(fetcher.starts, 1U) - 1};
  if (!fetcher.child) {
    process.state = "restarting";
    return process;
  }
  process.pid = fetcher.child->pid();
  const StatsPage& stats = fetcher.child->stats();
  process.state = state_word(stats.state);
  if (!fetcher.page) return process;
  if (const auto page = pages_.find(*fetcher.page); page != pages_.end()) process.url = page->second.url;
  process.seconds = std::max(0.0, seconds_since(fetcher.page_given, now));
  return process;
}

ProcessFigures Crawl::figures_of_downloader() const {
  ProcessFigures process{.name = "downloader", .restarts = std::max(downloader_starts_, 1U) - 1};
  if (!downloader_) {
    process.state = phase_ == Phase::ending ? "ended" : "restarting";
    return process;
  }
  process.pid = downloader_->pid();
  process.in_flight = downloader_->stats().in_flight_count;
  const bool disk_full = downloader_->stats().disk_full != 0;
  process.state = disk_full ? "disk full" : !downloader_ready_ ? "starting" : images_.pending > 0 ? "waiting" : "idle";
  return process;
}

WaitSigns Crawl::wait_signs(const CrawlFigures& figures, MonoTime now) const {
  constexpr seconds kSilence{2};
  WaitSigns signs{.images_pending = figures.images.pending,
                  .images_in_flight = figures.in_flight,
                  .slots = settings_.downloaders,
                  .pages_held = phase_ == Phase::running && plan_.waiting() > 0 && now < no_page_before_};
  if (signs.pages_held) signs.page_server.seconds = seconds_since(now, no_page_before_);
  for (const auto& fetcher : fetchers_) {
    if (fetcher->child && fetcher->page && fetcher->child->stats().state == FetcherState::fetching) {
      ++signs.pages_fetching;
    }
  }
  if (!downloader_) return signs;
  const std::int64_t beat = downloader_->stats().beats[0];
  signs.disk_full = downloader_->stats().disk_full != 0;
  signs.ledger_behind = downloader_->stats().wait == ImageWait::commit;
  const MonoTime wait_until = from_nanoseconds(downloader_->stats().wait_until_ns);
  if (wait_until > now && wait_until < MonoTime::max()) {
    signs.image_servers = {downloader_->stats().wait, seconds_since(now, wait_until)};
  }
  signs.ledger_silent = beat != 0 && now - std::max(from_nanoseconds(beat), heartbeats_.not_before) > kSilence;
  return signs;
}

}  // namespace doutu

#include "crawler/run/crawl_snapshot_source.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "shared/base/enum_table.h"

namespace doutu {
namespace {

struct StateRow {
  FetcherState key;
  std::string_view name;
};
constexpr EnumTable kFetcherStates{std::to_array<StateRow>({
    {FetcherState::starting, "starting"},
    {FetcherState::idle, "idle"},
    {FetcherState::fetching, "fetching"},
    {FetcherState::parsing, "parsing"},
    {FetcherState::queueing, "queueing"},
})};

/// A fetcher may write anything into its page.
std::string_view state_word(FetcherState state) { return kFetcherStates.row_or(state, FetcherState::queueing).name; }

std::map<std::string, std::uint64_t> failures_in(const StatsPage& stats) {
  std::map<std::string, std::uint64_t> failures;
  for (std::size_t i = 0; i < kFailureSlots; ++i) {
    const bool is_of_robots = i == failure_slot(Cause::robots, 0);
    if (const std::uint32_t count = stats.failures[i]; count > 0 && !is_of_robots)
      failures[failure_slot_name(i)] = count;
  }
  return failures;
}

/// The downloader counts what robots.txt forbids among the failed, and may be in the middle of it.
JobCounters images_in(const StatsPage& stats) {
  const std::uint64_t failed = stats.failed;
  const std::uint64_t robots = std::min<std::uint64_t>(stats.failures[failure_slot(Cause::robots, 0)], failed);
  return {.known = stats.known,
          .repeated = stats.repeated,
          .saved = stats.saved,
          .duplicate = stats.duplicate,
          .skipped = stats.skipped,
          .failed = failed - robots,
          .robots = robots,
          .pending = stats.pending,
          .bytes = stats.bytes};
}

double seconds_since(MonoTime time, MonoTime now) { return std::chrono::duration<double>(now - time).count(); }

}  // namespace

CrawlSnapshot CrawlSnapshotSource::snapshot(CrawlPhase phase, MonoTime now) {
  CrawlSnapshot snapshot;
  snapshot.state = state(phase);
  snapshot.directory = start_.command.settings.folder.directory;
  snapshot.spec = start_.spec;
  snapshot.job = start_.job;
  snapshot.pid = ::getpid();
  snapshot.updated_ms = wall_milliseconds();
  snapshot.seconds = seconds_since(began_, now);
  snapshot.pages = start_.plan->counters();
  read_downloader(snapshot);
  for (const auto& place : fetchers_.places()) {
    if (place->state() != PlaceState::vacant) snapshot.processes.push_back(snapshot_of(*place, now));
  }
  snapshot.processes.push_back(downloader_snapshot(phase));
  return snapshot;
}

CrawlState CrawlSnapshotSource::state(CrawlPhase phase) const {
  if (phase == CrawlPhase::ending) return CrawlState::stopping;
  if (!downloader_.is_ready() && downloader_.starts() <= 1) return CrawlState::starting;
  return phase == CrawlPhase::finishing ? CrawlState::finishing : CrawlState::running;
}

/// Between two downloaders, what the one before said: a new one says nothing until its first batch.
void CrawlSnapshotSource::read_downloader(CrawlSnapshot& snapshot) {
  const Child* child = downloader_.child();
  if (child != nullptr && child->stats().found > 0) {
    images_ = images_in(child->stats());
    if (images_.failed > 0) image_failures_ = failures_in(child->stats());
  }
  snapshot.images = images_;
  snapshot.in_flight = child != nullptr ? child->stats().in_flight_count.load() : 0;
  snapshot.failures = image_failures_;
  snapshot.page_failures = pages_.failures();
  for (const auto& [cause, count] : pages_.failures()) snapshot.failures[cause] += count;
}

ProcessSnapshot CrawlSnapshotSource::snapshot_of(const FetcherPlace& fetcher, MonoTime now) const {
  ProcessSnapshot process{.name = fetcher.name(), .restarts = std::max(fetcher.starts(), 1U) - 1};
  if (fetcher.child() == nullptr) {
    process.state = "restarting";
    return process;
  }
  process.pid = fetcher.child()->pid();
  process.state = state_word(fetcher.child()->stats().state);
  if (!fetcher.page()) return process;
  process.url = pages_.url_of(*fetcher.page());
  process.seconds = std::max(0.0, seconds_since(fetcher.page_given(), now));
  return process;
}

ProcessSnapshot CrawlSnapshotSource::downloader_snapshot(CrawlPhase phase) const {
  ProcessSnapshot process{.name = "downloader", .restarts = std::max(downloader_.starts(), 1U) - 1};
  if (downloader_.child() == nullptr) {
    process.state = phase == CrawlPhase::ending ? "ended" : "restarting";
    return process;
  }
  process.pid = downloader_.child()->pid();
  const StatsPage& stats = downloader_.child()->stats();
  process.in_flight = stats.in_flight_count;
  process.state = stats.disk_full != 0      ? "disk full"
                  : !downloader_.is_ready() ? "starting"
                  : images_.pending > 0     ? "waiting"
                                            : "idle";
  return process;
}

BottleneckSigns CrawlSnapshotSource::bottleneck_signs(const CrawlSnapshot& snapshot, CrawlPhase phase,
                                                      MonoTime now) const {
  constexpr seconds kSilence{2};
  const MonoTime no_page_before = fetchers_.no_page_before();
  BottleneckSigns signs{
      .images_pending = snapshot.images.pending,
      .images_in_flight = snapshot.in_flight,
      .slots = images_at_a_time(start_.command.settings),
      .pages_held = phase == CrawlPhase::running && start_.plan->waiting() > 0 && now < no_page_before};
  signs.rate_spent = start_.children.is_rate_spent(now);
  if (signs.pages_held) signs.page_server.seconds = seconds_since(now, no_page_before);
  signs.pages_fetching = static_cast<std::uint32_t>(std::ranges::count_if(fetchers_.places(), [](const auto& place) {
    return place->child() != nullptr && place->page() && place->child()->stats().state == FetcherState::fetching;
  }));
  if (downloader_.child() == nullptr) return signs;
  const StatsPage& stats = downloader_.child()->stats();
  const std::int64_t beat = stats.beats[0];
  signs.disk_full = stats.disk_full != 0;
  signs.ledger_behind = stats.wait == ImageWait::commit;
  const MonoTime wait_until = from_nanoseconds(stats.wait_until_ns);
  if (wait_until > now && wait_until < MonoTime::max()) {
    signs.image_servers = {stats.wait, seconds_since(now, wait_until)};
  }
  signs.ledger_silent = beat != 0 && now - std::max(from_nanoseconds(beat), heartbeats_.not_before) > kSilence;
  return signs;
}

}  // namespace doutu

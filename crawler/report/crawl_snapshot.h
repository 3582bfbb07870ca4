// CrawlSnapshot: a crawl at one moment, in plain values. The parent fills it from its page plan and the stats pages, or
// `doutu status` from the folder; everything that shows a crawl (view, plain line, status.json) is a function of it.
// Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/report/bottleneck.h"
#include "crawler/report/report.h"
#include "shared/ledger/schema.h"

namespace doutu {

/// Where a crawl stands. The names are what status.json says; those of a crawl that ended are its report's.
enum class CrawlState {
  starting,   ///< "starting": the folder is locked, the first downloader is not ready.
  running,    ///< "running"
  finishing,  ///< "finishing": every page is settled, images are not.
  stopping,   ///< "stopping": told to end, finishes what is in hand.
  suspended,  ///< "suspended": stopped by Ctrl-Z, until it is continued.
  orphaned,   ///< "orphaned": the parent was killed, the downloader finishes what is in hand.
  killed,     ///< "killed": nobody works here, and nobody said how it ended.
  complete,
  failures,
  no_images,
  stopped_early,
  interrupted,
  broken,
};
[[nodiscard]] std::string_view state_name(CrawlState state);
[[nodiscard]] std::optional<CrawlState> state_from_name(std::string_view name);
[[nodiscard]] CrawlState state_of(Outcome outcome);
/// Whether a process works on it.
[[nodiscard]] bool is_alive(CrawlState state);

/// One process.
struct ProcessSnapshot {
  std::string name;             ///< "fetcher 1", "downloader".
  pid_t pid = 0;                ///< 0: there is none now.
  std::string state{};          ///< "fetching": one word or two for people.
  std::uint32_t restarts = 0;   ///< How often it was replaced in this run.
  double seconds = 0;           ///< So long it has had its page in hand.
  std::string url{};            ///< That page; empty when none.
  std::uint32_t in_flight = 0;  ///< Images of the downloader.
};

struct CrawlSnapshot {
  CrawlState state = CrawlState::starting;
  std::string directory;
  JobSpec spec;  ///< What was asked.
  std::int64_t job = 0;
  pid_t pid = 0;                ///< The parent's; 0 when there is none.
  std::int64_t updated_ms = 0;  ///< When this was true: milliseconds since 1970.
  double seconds = 0;           ///< Of this run.

  std::string probe_flags;  ///< The names of flags that this crawl has and that `doutu probe` takes as well.
  PageCounters pages;
  JobCounters images;
  std::string limit;                                   ///< The flag whose limit ended it: "--max-images"; else empty.
  EmptyPageList empty_pages;                           ///< Known once the crawl has ended.
  LinksNotFollowed links_not_followed;                 ///< The same.
  std::uint64_t without_end_mark = 0;                  ///< Images that were saved so; known once the crawl has ended.
  std::uint64_t replaced = 0;                          ///< Images that came from another URL of theirs; the same.
  std::uint32_t in_flight = 0;                         ///< Of the pending images.
  std::map<std::string, std::uint64_t> failures;       ///< Pages and images by cause name.
  std::map<std::string, std::uint64_t> page_failures;  ///< Of these, those of pages.

  double pages_per_second = 0;  ///< Over the last ten seconds, as all three.
  double images_per_second = 0;
  double bytes_per_second = 0;
  std::optional<double> seconds_left;  ///< nullopt: cannot be told.
  Bottleneck bottleneck = Bottleneck::nothing;
  BackOff back_off;          ///< With image_politeness and page_politeness.
  double stale_seconds = 0;  ///< So long nobody said anything, though somebody holds the folder; 0: not long.

  std::vector<ProcessSnapshot> processes;
};

/// Distinct images that are settled: saved, duplicate, known or failed.
[[nodiscard]] std::uint64_t images_settled(const JobCounters& images);

/// Distinct images of the whole crawl: those met so far, and as many for each page to come as for each so far.
/// estimated: pages are still to come.
struct ImagesInAll {
  std::uint64_t count = 0;
  bool estimated = false;
};
[[nodiscard]] ImagesInAll images_in_all(const PageCounters& pages, const JobCounters& images);

/// Seconds until the end: the longer of what the images need at so many a second (those pending, and for each page to
/// come as many to fetch as for each so far) and what the pages need. nullopt: no page was recorded, or what has to go
/// on does not.
[[nodiscard]] std::optional<double> time_left(const PageCounters& pages, const JobCounters& images,
                                              double pages_per_second, double images_per_second);

}  // namespace doutu

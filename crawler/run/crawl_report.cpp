#include "crawler/run/crawl_report.h"

#include <string>
#include <utility>

#include "crawler/run/common_places.h"
#include "crawler/view/summary.h"
#include "shared/ledger/ledger_reader.h"

namespace doutu {
namespace {

Outcome outcome_of(const CrawlEnd& end, const PageCounters& pages, const JobCounters& images, EmptyPages empty,
                   const EmptyPageList& listed) {
  switch (end.why) {
    case CrawlEnd::Why::settled:
      return finished_outcome(pages, images, empty, listed);
    case CrawlEnd::Why::stopped_early:
    case CrawlEnd::Why::limit_reached:
      return Outcome::stopped_early;
    case CrawlEnd::Why::interrupted:
      return Outcome::interrupted;
    case CrawlEnd::Why::broken:
      break;
  }
  return Outcome::broken;
}

/// The flag whose limit ended the run, by the rule of the downloader that said so.
std::string limit_of(const CrawlEnd& end, const CrawlSettings& settings, const JobCounters& images) {
  if (end.why != CrawlEnd::Why::limit_reached) return "";
  const bool is_of_images = settings.limits.max_images > 0 && images.saved >= settings.limits.max_images;
  return is_of_images ? "--max-images" : "--max-bytes";
}

/// Of pages that may be empty: what looks like a login page is worth a line all the same, though it is no failure.
EmptyPageList sent_to_one_place(const EmptyPageList& list) {
  return list.count > 1 && !list.redirected_to.empty() ? list : EmptyPageList();
}

}  // namespace

Result<Report> report_of(const CrawlStart& start, const CrawlEnd& end, double took) {
  auto ledger = LedgerReader::open(*start.folder);
  if (!ledger) return std::move(ledger).error();
  if (!*ledger) return Error{"the crawl ended before it created a ledger", 0};
  auto job = (*ledger)->job(start.job);
  if (!job) return std::move(job).error();
  const PageCounters pages = start.plan->counters();
  CommonPlaces common(pages.asked);
  Status added = (*ledger)->for_each_odd_page(start.job, [&](const OddPage& page) {
    if (page.has_images) common.add(page);
  });
  if (!added) return std::move(added).error();
  const bool are_fine = start.command.empty_pages == EmptyPages::are_fine;
  EmptyPageCollector empty_pages;
  const auto failed = [&](const auto& visit) { return (*ledger)->for_each_failure(start.job, visit); };
  const auto empty = [&](const auto& visit) {
    return (*ledger)->for_each_odd_page(start.job, [&](const OddPage& page) {
      if (page.has_images && !common.contains(page)) return;
      if (are_fine && page.final_url.empty()) return;
      empty_pages.add(page);
      if (!are_fine) visit(page);
    });
  };
  auto failures = write_failures(*start.folder, failed, empty);
  if (!failures) return std::move(failures).error();
  const auto without_end_mark = (*ledger)->count_without_end_mark(start.job);
  if (!without_end_mark) return without_end_mark.error();
  const auto replaced = (*ledger)->count_replaced(start.job);
  if (!replaced) return replaced.error();
  const auto not_followed = (*ledger)->links_not_followed(start.job);
  if (!not_followed) return not_followed.error();
  const EmptyPageList listed = are_fine ? sent_to_one_place(empty_pages.list()) : empty_pages.list();
  return Report{.outcome = outcome_of(end, pages, job->counters, start.command.empty_pages, listed),
                .job = start.job,
                .seconds = took,
                .pages = pages,
                .images = job->counters,
                .links_not_followed = *not_followed,
                .without_end_mark = *without_end_mark,
                .replaced = *replaced,
                .limit = limit_of(end, start.command.settings, job->counters),
                .empty_pages = listed,
                .failures = *std::move(failures)};
}

CrawlSnapshot last_snapshot(const CrawlStart& start, const Report& report) {
  CrawlSnapshot snapshot = snapshot_of(report, start.spec, start.command.settings.folder.directory);
  snapshot.probe_flags = flags_of_probe(start.command.flags);
  const auto per_second = [&report](std::uint64_t now, std::uint64_t before) {
    return now <= before || report.seconds <= 0 ? 0 : static_cast<double>(now - before) / report.seconds;
  };
  const JobCounters& before = start.counters_before;
  snapshot.images_per_second =
      per_second(report.images.saved + report.images.duplicate, before.saved + before.duplicate);
  snapshot.bytes_per_second = per_second(report.images.bytes, before.bytes);
  return snapshot;
}

}  // namespace doutu

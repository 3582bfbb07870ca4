// The report of a crawl in the forms that people and programs read: DIR/.doutu/report.json, DIR/.doutu/failures.jsonl
// and the exit status. summary.h has it in words. The parent's thread, after the downloader ended.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "crawler/plan/page_counters.h"
#include "crawler/report/empty_pages.h"
#include "crawler/request/empty_pages_rule.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/ledger_reader.h"

namespace doutu {

/// How a run ended. The first three are finished jobs, the others can be continued.
enum class Outcome {
  complete,       ///< "complete"
  failures,       ///< "failures": finished, some pages or images failed.
  no_images,      ///< "no-images": finished, nothing failed, some pages (or all) had no images.
  stopped_early,  ///< "stopped-early": by itself; the disk is full.
  interrupted,    ///< "interrupted": by a signal.
  broken,         ///< "broken": an internal error.
};
[[nodiscard]] std::string_view outcome_name(Outcome outcome);

/// The outcome of a job in which nothing is pending.
[[nodiscard]] Outcome finished_outcome(const PageCounters& pages, const JobCounters& images, EmptyPages empty,
                                       const EmptyPageList& listed = {});
/// 0, 3, 4, 9, 130 (SIGINT; the caller knows of 143) and 1, in the order of the enum.
[[nodiscard]] int exit_status(Outcome outcome);

/// Failures with the same cause.
struct CauseCounters {
  std::uint64_t count = 0;
  std::uint64_t pages = 0;  ///< Of these; the others are images.
  std::string example;      ///< URL of the first one,
  std::string final_url{};  ///< and where a redirect led it, if one did.
};

struct Report {
  Outcome outcome = Outcome::complete;
  std::int64_t job = 0;
  double seconds = 0;  ///< Of this run.
  PageCounters pages;
  JobCounters images;
  LinksNotFollowed links_not_followed;
  std::uint64_t without_end_mark = 0;  ///< Images that were saved so.
  std::uint64_t replaced = 0;          ///< Images that came from another URL of theirs.
  std::string limit{};                 ///< The flag whose limit ended it: "--max-images"; else empty.
  EmptyPageList empty_pages;
  std::map<std::string, CauseCounters> failures;  ///< By cause name.
};

/// Calls visit for every failure: LedgerReader::for_each_failure of a job.
using FailureSource = std::function<Status(const std::function<void(const Failure&)>& visit)>;
/// The same of LedgerReader::for_each_odd_page; nothing where such pages are fine.
using OddPageSource = std::function<Status(const std::function<void(const OddPage&)>& visit)>;

/// Writes failures.jsonl, one line per failure and then one per page without an image, and returns what failures it has
/// counted: not those of robots.txt. Replaces the file of the run before in one step, or not at all.
[[nodiscard]] Result<std::map<std::string, CauseCounters>> write_failures(const StateFolder& folder,
                                                                          const FailureSource& source,
                                                                          const OddPageSource& empty);
inline constexpr const char* kReportName = "report.json";
/// Writes report.json in the same way.
[[nodiscard]] Status write_report(const StateFolder& folder, const Report& report);

/// What the run before said; nullopt when there is no report that can be read.
struct PastReport {
  std::int64_t job = 0;
  std::string outcome;
  double seconds = 0;
  std::string limit;
  EmptyPageList empty_pages;
};
[[nodiscard]] std::optional<PastReport> read_report(const StateFolder& folder);

/// The first failure of each of these causes in failures.jsonl, as example.
void find_examples(const StateFolder& folder, std::map<std::string, CauseCounters>& failures);

}  // namespace doutu

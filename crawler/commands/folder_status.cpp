#include "crawler/commands/folder_status.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "crawler/command_line/command_line.h"
#include "crawler/memory/folder_memory.h"
#include "crawler/memory/job_choice.h"
#include "crawler/report/status_file.h"
#include "crawler/request/page_range.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/base/escape.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/folder_lock.h"

namespace doutu {
namespace {

/// It writes twice a second.
constexpr double kSilence = 3;

PageCounters& count(PageCounters& pages, const PageRow& row) {
  const PageState state = row.state;
  if (state == PageState::done) ++pages.done;
  if (state == PageState::empty) ++pages.empty;
  if (state == PageState::failed) ++(row.is_robots ? pages.robots : pages.failed);
  return pages;
}

void forget_rates(CrawlSnapshot& snapshot) {
  snapshot.images_per_second = snapshot.bytes_per_second = snapshot.pages_per_second = 0;
}

void forget_waits(CrawlSnapshot& snapshot) {
  snapshot.seconds_left.reset();
  snapshot.bottleneck = Bottleneck::nothing;
  snapshot.back_off = {};
}

/// The job's counters as the ledger has them.
Status read_job(LedgerReader& ledger, const Job& job, FolderStatus& status) {
  CrawlSnapshot& snapshot = status.snapshot;
  snapshot.job = job.id;
  snapshot.spec = job.spec;
  snapshot.images = job.counters;
  const auto range = AskedPages::parse(job.spec.pages);
  if (!range) return range.error();
  snapshot.pages = {.asked = range->count()};
  const auto meet = [&](const PageRow& row) {
    if (range->is_open()) ++snapshot.pages.asked;  // as many as were met
    count(snapshot.pages, row);
  };
  Status read = ledger.for_each_page(job.id, meet);
  if (!read) return read;
  const auto without_end_mark = ledger.count_without_end_mark(job.id);
  if (!without_end_mark) return without_end_mark.error();
  snapshot.without_end_mark = *without_end_mark;
  const auto replaced = ledger.count_replaced(job.id);
  if (!replaced) return replaced.error();
  snapshot.replaced = *replaced;
  snapshot.failures.clear();
  snapshot.page_failures.clear();
  return ledger.for_each_failure(job.id, [&](const Failure& failure) {
    if (failure.cause == cause_name(Cause::robots)) return;  // An outcome of its own.
    CauseCounters& counters = status.failures[failure.cause];
    if (counters.count++ == 0) {
      counters.example = failure.url;
      counters.final_url = failure.final_url;
    }
    ++snapshot.failures[failure.cause];
    if (!failure.is_page) return;
    ++counters.pages;
    ++snapshot.page_failures[failure.cause];
  });
}

/// How the job ended, if its report is in the folder.
void end_as_reported(const Job& job, const StateFolder& folder, CrawlSnapshot& snapshot) {
  const auto report = read_report(folder);
  const auto state = report && report->job == job.id ? state_from_name(report->outcome) : std::nullopt;
  if (!state || *state <= CrawlState::killed) return;
  snapshot.state = *state;
  snapshot.seconds = report->seconds;
  snapshot.limit = report->limit;
  snapshot.empty_pages = report->empty_pages;
}

/// Killed between its report and its last status.json.
bool is_reported_later(const StateFolder& folder) {
  const auto seen = folder.facts_of(kStatusName);
  const auto reported = folder.facts_of(kReportName);
  const auto time_of = [](const StateFolder::FileFacts& facts) {
    return std::tuple(facts.modified.tv_sec, facts.modified.tv_nsec);
  };
  return seen && reported && time_of(*reported) >= time_of(*seen);
}

Result<std::optional<FolderStatus>> read_ledger(const StateFolder& folder, std::optional<CrawlSnapshot> last) {
  auto ledger = LedgerReader::open(folder, LedgerReader::HalfDone::left);
  if (!ledger) return std::move(ledger).error();
  auto memory = recall(folder);  // Unreadable: it is another user's.
  auto job = *ledger ? job_that_ran_last(ledger->get(), memory ? *std::move(memory) : std::nullopt)
                     : Result<std::optional<Job>>(std::optional<Job>());
  if (!job) return std::move(job).error();
  if (*job && last && last->job != (*job)->id) last.reset();
  FolderStatus status;
  if (last) status.snapshot = *std::move(last);  // seconds, updated_ms, and all of it where there is no job yet
  const bool was_seen = status.snapshot.updated_ms != 0;
  if (!*job && !was_seen) return std::optional<FolderStatus>();
  status.snapshot.state = CrawlState::killed;
  forget_rates(status.snapshot);
  if (*job && (!was_seen || is_reported_later(folder))) end_as_reported(**job, folder, status.snapshot);
  if (*job) {
    if (Status read = read_job(**ledger, **job, status); !read) return std::move(read).error();
  }
  return std::optional(std::move(status));
}

/// Of a crawl that nobody runs any more. (The rates of one that ended are those of its whole run.)
void rest(CrawlSnapshot& snapshot) {
  snapshot.pid = 0;
  snapshot.processes.clear();
  snapshot.in_flight = 0;
  forget_waits(snapshot);
}

/// Of a crawl that holds its folder and says nothing: stopped from outside, or its disk hangs.
void note_silence(CrawlSnapshot& snapshot) {
  const double age = static_cast<double>(wall_milliseconds() - snapshot.updated_ms) / 1000;
  if (snapshot.updated_ms == 0 || snapshot.state == CrawlState::suspended || age < kSilence) return;
  forget_rates(snapshot);
  forget_waits(snapshot);
  snapshot.stale_seconds = age;
}

/// Without examples. No more pages than failures, whoever wrote the file.
std::map<std::string, CauseCounters> counters_in(const CrawlSnapshot& snapshot) {
  std::map<std::string, CauseCounters> counters;
  for (const auto& [cause, count] : snapshot.failures) {
    const auto pages = snapshot.page_failures.find(cause);
    counters[cause] = {count, pages == snapshot.page_failures.end() ? 0 : std::min(pages->second, count), ""};
  }
  return counters;
}

Result<std::optional<FolderStatus>> look_at_unlocked(const StateFolder& folder, std::optional<CrawlSnapshot> last) {
  if (last && last->state > CrawlState::killed) {
    FolderStatus status{*std::move(last), {}};
    status.failures = counters_in(status.snapshot);
    find_examples(folder, status.failures);
    return std::optional(std::move(status));
  }
  auto status = read_ledger(folder, last);
  if (!status && last) {  // damaged, or a crawl has just begun: what was seen last is better than nothing
    last->state = CrawlState::killed;
    status = std::optional(FolderStatus{*std::move(last), {}});
  }
  return status;
}

/// Of a folder that somebody holds.
FolderStatus look_at_locked(const StateFolder& folder, LockHolder holder) {
  FolderStatus status{read_status(folder).value_or(CrawlSnapshot{}), {}};
  note_silence(status.snapshot);
  if (holder == LockHolder::orphaned_downloader) {
    rest(status.snapshot);
    status.snapshot.state = CrawlState::orphaned;
  }
  return status;
}

/// status.json has the template without its secrets.
bool is_same(const JobSpec& one, const JobSpec& other) {
  constexpr std::size_t kWhole = 16'000;
  return escape_url(one.url_template, kWhole) == escape_url(other.url_template, kWhole) && one.pages == other.pages &&
         one.xpaths == other.xpaths;
}

/// As the crawl itself says them: of what the folder remembers.
void note_probe_flags(const StateFolder& folder, CrawlSnapshot& snapshot) {
  const auto memory = recall(folder);
  if (memory && *memory && is_same((*memory)->spec, snapshot.spec)) {
    snapshot.probe_flags = flags_of_probe((*memory)->flags);
  }
}

/// nullopt: a crawl has begun meanwhile, so that what was read may be of two states.
std::optional<Result<std::optional<FolderStatus>>> look(const StateFolder& folder) {
  const auto holder = FolderLock::holder_in(folder);
  if (!holder) return holder.error();
  if (*holder != LockHolder::nobody) return std::optional(look_at_locked(folder, *holder));
  auto status = look_at_unlocked(folder, read_status(folder));
  const auto holder_now = FolderLock::holder_in(folder);
  if (holder_now && *holder_now != LockHolder::nobody) return std::nullopt;
  if (status && *status) {
    rest((*status)->snapshot);
    note_probe_flags(folder, (*status)->snapshot);
  }
  return status;
}

}  // namespace

Result<std::optional<FolderStatus>> look_at_folder(const std::string& directory) {
  const auto folder = StateFolder::find(directory);
  if (!folder) return folder.error();
  if (!*folder) return std::optional<FolderStatus>();
  for (;;) {
    auto looked = look(**folder);
    if (!looked) continue;
    if (*looked && **looked) (**looked)->snapshot.directory = directory;
    return *std::move(looked);
  }
}

}  // namespace doutu

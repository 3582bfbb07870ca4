#include "crawler/commands/folder_status.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "crawler/command_line/command_line.h"
#include "crawler/memory/folder_memory.h"
#include "crawler/memory/job_choice.h"
#include "crawler/report/status_file.h"
#include "crawler/request/page_range.h"
#include "shared/base/clock.h"
#include "shared/base/escape.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/folder_lock.h"

namespace doutu {
namespace {

/// It writes twice a second.
constexpr double kSilence = 3;

PageTally& count(PageTally& pages, PageState state) {
  if (state == PageState::done) ++pages.done;
  if (state == PageState::empty) ++pages.empty;
  if (state == PageState::failed) ++pages.failed;
  return pages;
}

void forget_rates(CrawlFigures& figures) {
  figures.images_per_second = figures.bytes_per_second = figures.pages_per_second = 0;
}

void forget_waits(CrawlFigures& figures) {
  figures.seconds_left.reset();
  figures.waits_for = WaitsFor::nothing;
  figures.sparing = {};
}

/// The account's figures as the ledger has them.
Status read_account(LedgerReader& ledger, const Account& account, FolderStatus& status) {
  CrawlFigures& figures = status.figures;
  figures.account = account.id;
  figures.request = account.request;
  figures.images = account.tally;
  const auto range = PageRange::parse(account.request.pages);
  if (!range) return range.error();
  figures.pages = {.asked = range->count()};
  Status read = ledger.for_each_page(account.id, [&](const PageRow& row) { count(figures.pages, row.state); });
  if (!read) return read;
  const auto without_end_mark = ledger.count_without_end_mark(account.id);
  if (!without_end_mark) return without_end_mark.error();
  figures.without_end_mark = *without_end_mark;
  figures.failures.clear();
  figures.page_failures.clear();
  return ledger.for_each_failure(account.id, [&](const Failure& failure) {
    CauseTally& tally = status.failures[failure.cause];
    if (tally.count++ == 0) {
      tally.example = failure.url;
      tally.final_url = failure.final_url;
    }
    ++figures.failures[failure.cause];
    if (!failure.is_page) return;
    ++tally.pages;
    ++figures.page_failures[failure.cause];
  });
}

/// How the account ended, if its report is in the folder.
void end_as_reported(const Account& account, const StateFolder& folder, CrawlFigures& figures) {
  const auto report = read_report(folder);
  const auto state = report && report->account == account.id ? state_from_name(report->outcome) : std::nullopt;
  if (!state || *state <= CrawlState::killed) return;
  figures.state = *state;
  figures.seconds = report->seconds;
  figures.limit = report->limit;
  figures.empty_pages = report->empty_pages;
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

Result<std::optional<FolderStatus>> read_ledger(const StateFolder& folder, std::optional<CrawlFigures> last) {
  auto ledger = LedgerReader::open(folder, LedgerReader::HalfDone::left);
  if (!ledger) return std::move(ledger).error();
  auto memory = recall(folder);  // Unreadable: it is another user's.
  auto account = *ledger ? job_that_ran_last(ledger->get(), memory ? *std::move(memory) : std::nullopt)
                         : Result<std::optional<Account>>(std::optional<Account>());
  if (!account) return std::move(account).error();
  if (*account && last && last->account != (*account)->id) last.reset();
  FolderStatus status;
  if (last) status.figures = *std::move(last);  // seconds, updated_ms, and all of it where there is no account yet
  const bool was_seen = status.figures.updated_ms != 0;
  if (!*account && !was_seen) return std::optional<FolderStatus>();
  status.figures.state = CrawlState::killed;
  forget_rates(status.figures);
  if (*account && (!was_seen || is_reported_later(folder))) end_as_reported(**account, folder, status.figures);
  if (*account) {
    if (Status read = read_account(**ledger, **account, status); !read) return std::move(read).error();
  }
  return std::optional(std::move(status));
}

/// Of a crawl that nobody runs any more. (The rates of one that ended are those of its whole run.)
void rest(CrawlFigures& figures) {
  figures.pid = 0;
  figures.processes.clear();
  figures.in_flight = 0;
  forget_waits(figures);
}

/// Of a crawl that holds its folder and says nothing: stopped from outside, or its disk hangs.
void note_silence(CrawlFigures& figures) {
  const double age = static_cast<double>(wall_milliseconds() - figures.updated_ms) / 1000;
  if (figures.updated_ms == 0 || figures.state == CrawlState::suspended || age < kSilence) return;
  forget_rates(figures);
  forget_waits(figures);
  figures.stale_seconds = age;
}

/// Without examples. No more pages than failures, whoever wrote the file.
std::map<std::string, CauseTally> tallies_in(const CrawlFigures& figures) {
  std::map<std::string, CauseTally> tallies;
  for (const auto& [cause, count] : figures.failures) {
    const auto pages = figures.page_failures.find(cause);
    tallies[cause] = {count, pages == figures.page_failures.end() ? 0 : std::min(pages->second, count), ""};
  }
  return tallies;
}

Result<std::optional<FolderStatus>> look_at_unlocked(const StateFolder& folder, std::optional<CrawlFigures> last) {
  if (last && last->state > CrawlState::killed) {
    FolderStatus status{*std::move(last), {}};
    status.failures = tallies_in(status.figures);
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
  FolderStatus status{read_status(folder).value_or(CrawlFigures{}), {}};
  note_silence(status.figures);
  if (holder == LockHolder::orphaned_downloader) {
    rest(status.figures);
    status.figures.state = CrawlState::orphaned;
  }
  return status;
}

/// status.json has the template without its secrets.
bool is_same(const AccountRequest& one, const AccountRequest& other) {
  constexpr std::size_t kWhole = 16'000;
  return escape_url(one.url_template, kWhole) == escape_url(other.url_template, kWhole) && one.pages == other.pages &&
         one.xpaths == other.xpaths;
}

/// As the crawl itself says them: of what the folder remembers.
void note_probe_flags(const StateFolder& folder, CrawlFigures& figures) {
  const auto memory = recall(folder);
  if (memory && *memory && is_same((*memory)->request, figures.request)) {
    figures.probe_flags = flags_of_probe((*memory)->flags);
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
    rest((*status)->figures);
    note_probe_flags(folder, (*status)->figures);
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
    if (*looked && **looked) (**looked)->figures.directory = directory;
    return *std::move(looked);
  }
}

}  // namespace doutu

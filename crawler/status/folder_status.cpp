#include "crawler/status/folder_status.h"

#include <filesystem>
#include <utility>

#include "crawler/page_range.h"
#include "crawler/status/status_file.h"
#include "shared/base/clock.h"
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
  figures.failures.clear();
  return ledger.for_each_failure(account.id, [&](const Failure& failure) {
    CauseTally& tally = status.failures[failure.cause];
    if (tally.count++ == 0) tally.example = failure.url;
    if (failure.is_page) ++tally.pages;
    ++figures.failures[failure.cause];
  });
}

/// How the account ended, if its report is in the folder.
void end_as_reported(const Account& account, const std::string& directory, CrawlFigures& figures) {
  const auto report = read_report(directory);
  const auto state = report && report->account == account.id ? state_from_name(report->outcome) : std::nullopt;
  if (!state || *state <= CrawlState::killed) return;
  figures.state = *state;
  figures.seconds = report->seconds;
}

/// Killed between its report and its last status.json.
bool is_reported_later(const std::string& directory) {
  std::error_code error;
  const auto seen = std::filesystem::last_write_time(status_path(directory), error);
  const auto reported = std::filesystem::last_write_time(report_path(directory), error);
  return !error && reported >= seen;
}

Result<std::optional<FolderStatus>> read_ledger(const std::string& directory, std::optional<CrawlFigures> last) {
  auto ledger = LedgerReader::open(directory, Database::Mode::untouched);
  if (!ledger) return std::move(ledger).error();
  auto account = *ledger ? (*ledger)->latest_account() : Result<std::optional<Account>>(std::optional<Account>());
  if (!account) return std::move(account).error();
  FolderStatus status;
  if (last) status.figures = *std::move(last);  // seconds, updated_ms, and all of it where there is no account yet
  const bool was_seen = status.figures.updated_ms != 0;
  if (!*account && !was_seen) return std::optional<FolderStatus>();
  status.figures.state = CrawlState::killed;
  forget_rates(status.figures);
  if (*account && (!was_seen || is_reported_later(directory))) end_as_reported(**account, directory, status.figures);
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

Result<std::optional<FolderStatus>> look_at_unlocked(const std::string& directory, std::optional<CrawlFigures> last) {
  if (last && last->state > CrawlState::killed) {
    FolderStatus status{*std::move(last), {}};
    for (const auto& [cause, number] : status.figures.failures) status.failures[cause].count = number;
    find_examples(directory, status.failures);
    return std::optional(std::move(status));
  }
  auto status = read_ledger(directory, last);
  if (!status && last) {  // damaged, or a crawl has just begun: what was seen last is better than nothing
    last->state = CrawlState::killed;
    status = std::optional(FolderStatus{*std::move(last), {}});
  }
  return status;
}

}  // namespace

Result<std::optional<FolderStatus>> look_at_folder(const std::string& directory) {
  const auto holder = FolderLock::holder_in(directory);
  if (!holder) return holder.error();
  std::optional<CrawlFigures> last = read_status(directory);
  if (*holder == LockHolder::nobody) {
    auto status = look_at_unlocked(directory, std::move(last));
    if (status && *status) {
      (*status)->figures.directory = directory;
      rest((*status)->figures);
    }
    return status;
  }
  FolderStatus status{std::move(last).value_or(CrawlFigures{}), {}};
  status.figures.directory = directory;
  note_silence(status.figures);
  if (*holder == LockHolder::orphaned_downloader) {
    rest(status.figures);
    status.figures.state = CrawlState::orphaned;
  }
  return std::optional(std::move(status));
}

}  // namespace doutu

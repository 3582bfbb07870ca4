#include "downloader/record/ledger_writer.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "downloader/record/ledger_values.h"
#include "shared/base/clock.h"
#include "shared/ledger/ledger_file.h"

namespace doutu {
namespace {

/// A switch of the mode goes through a rollback journal, whose checksum looks at every 200th byte only: it must be on
/// the disk before its header says so (FULL), and gone before anything else is written (EXTRA).
constexpr const char* kForSwitching = "PRAGMA synchronous = EXTRA";
/// With a WAL that is enough: what it loses when the power fails is the end, and that is redone.
constexpr const char* kForWork = "PRAGMA synchronous = NORMAL";

/// A killed writer of a version before left it. Nobody reads it any more.
constexpr const char* kSharedMemory = "ledger.sqlite-shm";

constexpr const char* kConnectionSettings =
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA cache_size = -2000;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA secure_delete = OFF;";  // Debian's default clears what a row leaves behind when it moves.

/// A crawl needs locks that hold.
bool is_network_file_system(const StateFolder& folder) {
  constexpr std::uint32_t kCifs = 0xff534d42;
  constexpr std::uint32_t kSmb2 = 0xfe534d42;
  struct statfs status {};
  if (::fstatfs(folder.fd(), &status) != 0) return false;
  const auto type = static_cast<std::uint32_t>(status.f_type);
  return type == NFS_SUPER_MAGIC || type == SMB_SUPER_MAGIC || type == kCifs || type == kSmb2;
}

Error wal_refused(const std::string& directory) {
  return {fmt::format(
      "{} is on a file system that cannot hold a ledger (a network folder?); choose a folder on a local disk",
      directory)};
}

Status switch_to_wal(Database& db, const StateFolder& folder) {
  const std::string& directory = folder.directory();
  if (is_network_file_system(folder)) return wal_refused(directory);
  if (Status status = db.execute(kForSwitching); !status) return explain_ledger_error(status.error(), directory);
  const auto mode = db.query_text("PRAGMA journal_mode = WAL");
  if (!mode) return explain_ledger_error(mode.error(), directory);
  if (*mode != "wal") return wal_refused(directory);
  return db.execute(kForWork);
}

Status make_tables(Database& db) {
  const std::string sql =
      fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT;", kLedgerSchema,
                  kLedgerApplicationId, kLedgerVersion);
  return db.execute(sql.c_str());
}

}  // namespace

Result<std::unique_ptr<LedgerWriter>> LedgerWriter::open(const StateFolder& folder) {
  const std::string& directory = folder.directory();
  auto db = Database::open(folder, Database::Mode::create);
  if (!db) return explain_ledger_error(db.error(), directory);
  // Looked at before anything is written: a file that is not ours stays as it is.
  const auto content = inspect_ledger(*db, directory);
  if (!content) return content.error();
  (void)folder.remove(kSharedMemory);
  if (Status status = db->execute(kConnectionSettings); !status) return explain_ledger_error(status.error(), directory);
  if (Status status = switch_to_wal(*db, folder); !status) return std::move(status).error();
  if (*content == LedgerContent::none) {
    if (Status status = make_tables(*db); !status) return explain_ledger_error(status.error(), directory);
  }
  auto statements = LedgerStatements::prepare(*db);
  if (!statements) return explain_ledger_error(statements.error(), directory);
  const auto last_image = db->query_integer("SELECT coalesce(max(id), 0) FROM images");
  if (!last_image) return explain_ledger_error(last_image.error(), directory);
  std::unique_ptr<LedgerWriter> writer(
      new LedgerWriter(std::move(*db), std::move(*statements), directory, *last_image));
  if (Status status = writer->read_sync(); !status) return explain_ledger_error(status.error(), directory);
  return writer;
}

LedgerWriter::LedgerWriter(Database db, LedgerStatements statements, std::string directory, std::int64_t last_image)
    : directory_(std::move(directory)),
      db_(std::move(db)),
      statements_(std::move(statements)),
      last_image_(last_image) {}

LedgerWriter::~LedgerWriter() {
  // Fails when somebody reads; then the WAL stays, and whoever opens the file next goes on from it.
  (void)db_.execute(kForSwitching);
  (void)db_.query_text("PRAGMA journal_mode = DELETE");
}

Status LedgerWriter::begin() { return statements_[Sql::begin].run(); }

Status LedgerWriter::commit() {
  if (counters_ != committed_counters_) {
    const JobCounters& t = counters_;
    Status saved = statements_[Sql::save_counters].run(job_, t.known, t.repeated, t.saved, t.duplicate, t.skipped,
                                                       t.failed, t.pending, t.bytes);
    if (!saved) return saved;
  }
  if (Status committed = statements_[Sql::commit].run(); !committed) return committed;
  committed_counters_ = counters_;
  committed_failures_ = failures_;
  return {};
}

void LedgerWriter::rollback() {
  (void)statements_[Sql::rollback].run();  // After some errors SQLite has done it already.
  counters_ = committed_counters_;
  failures_ = committed_failures_;
  hosts_.clear();
}

Status LedgerWriter::checkpoint() {
  auto busy = db_.query_integer("PRAGMA wal_checkpoint(TRUNCATE)");
  return busy ? Status() : Status(std::move(busy).error());
}

// A killed run may have left rows of later epochs than the first of this one: they are published and synced before any.
Status LedgerWriter::read_sync() {
  auto& row = statements_[Sql::find_sync];
  const auto found = row.first();
  if (!found) return found.error();
  if (*found) durable_ = row.integer(0);
  row.reset();
  epoch_ = durable_ + 1;
  return {};
}

Status LedgerWriter::save_durable(std::int64_t epoch) {
  if (epoch <= durable_) return {};
  Status saved = statements_[Sql::forget_bytes].run(epoch);
  if (saved) saved = statements_[Sql::save_sync].run(epoch);
  if (!saved) return saved;
  durable_ = epoch;
  return {};
}

Status LedgerWriter::keep_bytes(std::int64_t id, std::span<const std::byte> bytes) {
  return statements_[Sql::keep_bytes].run(id, bytes);
}

Result<std::optional<std::vector<std::byte>>> LedgerWriter::kept_bytes(std::int64_t id) {
  auto& row = statements_[Sql::find_bytes];
  const auto found = row.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<std::vector<std::byte>>();
  const auto kept = row.bytes(0);
  std::optional bytes = std::vector<std::byte>(kept.begin(), kept.end());
  row.reset();
  return bytes;
}

Result<std::vector<std::int64_t>> LedgerWriter::unsure_images() {
  std::vector<std::int64_t> ids;
  auto& row = statements_[Sql::unsure_images];
  for (auto found = row.first(durable_);; found = row.next()) {
    if (!found) return found.error();
    if (!*found) return ids;
    ids.push_back(row.integer(0));
  }
}

Status LedgerWriter::begin_job(std::int64_t id, const JobSpec& spec, std::uint64_t run) {
  run_ = run;
  if (id == 0) {
    auto& unsettled = statements_[Sql::find_unsettled];
    const auto found = unsettled.first(spec.url_template, spec.pages, spec.xpaths);
    if (!found) return found.error();
    if (*found) id = unsettled.integer(0);
    unsettled.reset();
  }
  const auto continued = continue_job(id, spec);
  if (!continued) return continued.error();
  if (!*continued) {
    if (Status status = new_job(id, spec); !status) return status;
  }
  return statements_[Sql::forget_other_runs].run(run_);
}

Result<bool> LedgerWriter::continue_job(std::int64_t id, const JobSpec& spec) {
  auto& row = statements_[Sql::find_job];
  const auto found = row.first(id);
  if (!found) return found.error();
  if (!*found) return false;
  const bool same = row.text(0) == spec.url_template && row.text(2) == spec.xpaths;
  const bool adds_pages = row.text(1) != spec.pages;
  int column = 3;
  for (auto* count : {&counters_.known, &counters_.repeated, &counters_.saved, &counters_.duplicate, &counters_.skipped,
                      &counters_.failed, &counters_.pending, &counters_.bytes}) {
    *count = row.as<std::uint64_t>(column++);
  }
  row.reset();
  job_ = id;
  committed_counters_ = counters_;
  if (!same) return Error{fmt::format("job {} of {} has another request", id, ledger_path(directory_))};
  if (Status counted = count_failures(); !counted) return std::move(counted).error();
  if (!adds_pages) return true;
  if (Status added = statements_[Sql::update_pages].run(id, spec.pages); !added) return std::move(added).error();
  return true;
}

Status LedgerWriter::count_failures() {
  failures_ = {};
  auto& row = statements_[Sql::count_failures];
  auto more = row.first(job_);
  for (; more && *more; more = row.next()) {
    const auto named = cause_from_name(row.text(0)).value_or(NamedCause{Cause::internal_error, 0});
    failures_.at(failure_slot(named.cause, named.http_status)) += row.as<std::uint32_t>(1);
  }
  if (!more) return std::move(more).error();
  committed_failures_ = failures_;
  return {};
}

Status LedgerWriter::new_job(std::int64_t id, const JobSpec& spec) {
  auto& row = statements_[Sql::insert_job];
  const auto wanted = id == 0 ? std::nullopt : std::optional(id);
  const auto made = row.first(wanted, spec.url_template, spec.pages, spec.xpaths, wall_milliseconds());
  if (!made) return made.error();
  job_ = row.integer(0);
  row.reset();
  counters_ = committed_counters_ = {};
  failures_ = committed_failures_ = {};
  return {};
}

Status LedgerWriter::settle_job() { return statements_[Sql::settle_job].run(job_, wall_milliseconds()); }

Result<std::uint64_t> LedgerWriter::lane_taken(std::uint64_t generation) {
  auto& row = statements_[Sql::find_lane];
  const auto found = row.first(run_, generation);
  if (!found) return found.error();
  const std::uint64_t taken = *found ? row.as<std::uint64_t>(0) : 0;
  row.reset();
  return taken;
}

Status LedgerWriter::save_lane_taken(std::uint64_t generation, std::uint64_t position) {
  return statements_[Sql::save_lane].run(run_, generation, position);
}

Result<std::optional<PageRecord>> LedgerWriter::find_page(std::uint64_t number) {
  auto& row = statements_[Sql::find_page];
  const auto found = row.first(job_, number);
  if (!found) return found.error();
  if (!*found) return std::optional<PageRecord>();
  PageRecord page;
  page.number = number;
  page.url = row.text(0);
  page.final_url = row.text(1);
  page.state = row.as<PageState>(2);
  page.attempt = row.as<std::uint32_t>(3);
  page.run = row.as<std::uint64_t>(4);
  page.run_attempt = row.as<std::uint32_t>(5);
  page.cause = row.text(6);
  page.http_status = row.as<std::uint16_t>(7);
  page.hits = row.as<std::uint32_t>(8);
  page.repeated = row.as<std::uint32_t>(9);
  row.reset();
  return std::optional(std::move(page));
}

Result<PageRecord> LedgerWriter::begin_attempt(const std::optional<PageRecord>& before, PageRecord page) {
  page.attempt = before ? before->attempt + 1 : 1;
  page.run = run_;
  if (before) counters_.repeated -= before->repeated;
  if (Status saved = save_page(page); !saved) return std::move(saved).error();
  return page;
}

Status LedgerWriter::save_page(const PageRecord& page) {
  return statements_[Sql::save_page].run(
      job_, page.number, page.url, page.final_url == page.url ? std::nullopt : text_or_null(page.final_url), page.state,
      page.attempt, page.run, page.run_attempt, text_or_null(page.cause), page.http_status, page.hits, page.repeated);
}

}  // namespace doutu

#include "downloader/ledger/ledger_writer.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "downloader/ledger/migration.h"
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

/// Unless someone is reading.
Status empty_wal(Database& db) {
  auto busy = db.query_integer("PRAGMA wal_checkpoint(TRUNCATE)");
  return busy ? Status() : Status(std::move(busy).error());
}

/// Ids that were merged are not given again, though a rolled back batch may have left no row of them.
Result<std::int64_t> last_image_of(Database& db) {
  constexpr std::int64_t kMost = std::int64_t{1} << 32U;  // What is kept in memory by id stays bounded.
  auto first = db.query_integer("SELECT coalesce(min(id), 1) FROM found");
  if (!first) return first;
  auto last = db.query_integer("SELECT max(coalesce((SELECT max(id) FROM found), 0), found) FROM merged");
  if (!last) return last;
  if (*first < 1 || *last >= kMost) return Error{"the number of an image is none that doutu gives", EBADMSG};
  return last;
}

}  // namespace

Result<std::unique_ptr<LedgerWriter>> LedgerWriter::open(const StateFolder& folder, Options options) {
  const std::string& directory = folder.directory();
  auto db = Database::open(folder, Database::Mode::create);
  if (!db) return explain_ledger_error(db.error(), directory);
  db->on_work(std::move(options.on_work));
  // Looked at before anything is written: a file that is not ours stays as it is.
  const auto content = inspect_ledger(*db, directory);
  if (!content) return content.error();
  (void)folder.remove(kSharedMemory);
  if (Status status = db->execute(kConnectionSettings); !status) return explain_ledger_error(status.error(), directory);
  if (Status status = switch_to_wal(*db, folder); !status) return std::move(status).error();
  // SQLite leaves one without a whole header where it is, and no reader would open the ledger beside it.
  (void)folder.remove(kJournalName);
  Status status;
  if (*content == LedgerContent::none) status = make_ledger(*db);
  if (*content == LedgerContent::version_3) status = migrate_from_version_3(*db);
  if (*content == LedgerContent::version_4) status = migrate_from_version_4(*db);
  if (*content == LedgerContent::version_5) status = migrate_from_version_5(*db);
  if (status && *content == LedgerContent::version_3) status = empty_wal(*db);
  if (!status) return explain_ledger_error(status.error(), directory);
  const auto last_image = last_image_of(*db);
  if (!last_image) return explain_ledger_error(last_image.error(), directory);
  std::unique_ptr<LedgerWriter> writer(new LedgerWriter(std::move(*db), directory, *last_image));
  writer->found_.keys().merge_at(options.staged_keys);
  writer->contents_.keys().merge_at(options.staged_keys);
  status = writer->load();
  if (!status) return explain_ledger_error(status.error(), directory);
  return writer;
}

LedgerWriter::LedgerWriter(Database db, const std::string& directory, std::int64_t last_image)
    : db_(std::move(db)),
      memory_{.job = {}, .ids = ImageIds(last_image), .pending = {}},
      jobs_(prepare_, memory_.job, directory) {}

Status LedgerWriter::load() {
  if (!prepare_.status()) return prepare_.status();
  auto statement = db_.prepare("SELECT secret FROM merged");
  if (!statement) return std::move(statement).error();
  const auto found = statement->first();
  if (!found) return found.error();
  UrlSecret secret{};
  const auto column = *found ? statement->bytes(0) : std::span<const std::byte>();
  if (column.size() != secret.size()) return Error{"the secret of its keys is missing", EBADMSG};
  std::ranges::copy(column, secret.begin());
  statement->reset();
  Status loaded = syncs_.load();
  link_table_.load(secret);
  if (loaded) loaded = alternative_table_.load();
  if (loaded) loaded = found_.load(secret);
  if (loaded) loaded = load_keys();
  if (loaded) loaded = contents_.load();
  return loaded;
}

/// More rows than may wait have no key in the table after a migration alone.
Status LedgerWriter::load_keys() {
  auto merged = db_.query_integer("SELECT found FROM merged");
  if (!merged) return std::move(merged).error();
  for (auto last = found_.load_keys(*merged);; last = found_.load_keys(*last)) {
    if (!last) return std::move(last).error();
    if (*last == 0) return {};
    if (!found_.keys().is_full()) continue;
    Status saved = begin();
    if (saved) saved = found_.merge(*last);
    if (saved) saved = transaction_.commit.run();
    if (saved) saved = checkpoint();
    if (!saved) return saved;
    found_.keys().committed();
  }
}

LedgerWriter::~LedgerWriter() {
  // Fails when somebody reads; then the WAL stays, and whoever opens the file next goes on from it.
  (void)db_.execute(kForSwitching);
  (void)db_.query_text("PRAGMA journal_mode = DELETE");
}

Status LedgerWriter::begin() { return transaction_.begin.run(); }

Status LedgerWriter::commit() {
  if (Status finished = finish_batch(); !finished) return finished;
  if (Status committed = transaction_.commit.run(); !committed) return committed;
  memory_.job.committed();
  met_.committed();
  syncs_.committed();
  memory_.pending.committed();
  page_links_.committed();
  found_.keys().committed();
  contents_.keys().committed();
  return {};
}

Status LedgerWriter::finish_batch() {
  Status finished = jobs_.save_totals();
  if (finished) finished = met_.save();
  if (finished) finished = syncs_.save_named();
  if (finished) finished = page_links_.save_counts();
  const bool is_full = found_.keys().is_full() || contents_.keys().is_full() || met_.is_full();
  return finished && is_full ? merge_keys(memory_.ids.next() - 1) : finished;
}

Status LedgerWriter::merge_keys(std::int64_t found_up_to) {
  Status merged = found_.merge(found_up_to);
  if (merged) merged = contents_.keys().merge();
  if (merged) merged = syncs_.merged();
  if (merged) merged = met_.merge();
  if (merged) merged = images_.merge();
  if (merged) merged = alternative_table_.merge();
  if (!merged || memory_.job.id() == 0) return merged;
  return jobs_.save_first_pending(memory_.pending.lowest().value_or(memory_.ids.next()));
}

void LedgerWriter::rollback() {
  (void)transaction_.rollback.run();  // After some errors SQLite has done it already.
  if (memory_.job.has_just_begun()) memory_.pending.clear();
  memory_.job.rolled_back();
  hosts_.rolled_back();
  met_.rolled_back();
  syncs_.rolled_back();
  memory_.pending.rolled_back();
  page_links_.rolled_back();
  found_.keys().rolled_back();
  contents_.keys().rolled_back();
}

Status LedgerWriter::checkpoint() { return empty_wal(db_); }

Status LedgerWriter::begin_job(std::int64_t id, const JobSpec& spec, std::uint64_t run) {
  Status begun = jobs_.begin(id, spec, run);
  if (begun) begun = pages_.forget_old_jobs();
  if (begun) begun = pages_.check();
  if (begun) begun = links_.begin_job();
  if (begun) begun = met_.begin_job();
  if (begun) begun = images_.load_pending();
  if (begun) begun = lanes_.forget_other_runs();
  if (begun) begun = robots_.forget_old();
  return begun;
}

}  // namespace doutu

#include "downloader/ledger/ledger_writer.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <utility>

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
  const auto last_image = db->query_integer("SELECT coalesce(max(id), 0) FROM images");
  if (!last_image) return explain_ledger_error(last_image.error(), directory);
  std::unique_ptr<LedgerWriter> writer(new LedgerWriter(std::move(*db), directory, *last_image));
  Status status = writer->prepare_.status();
  if (status) status = writer->syncs_.load();
  if (!status) return explain_ledger_error(status.error(), directory);
  return writer;
}

LedgerWriter::LedgerWriter(Database db, const std::string& directory, std::int64_t last_image)
    : db_(std::move(db)), ids_(last_image), jobs_(prepare_, job_, directory) {}

LedgerWriter::~LedgerWriter() {
  // Fails when somebody reads; then the WAL stays, and whoever opens the file next goes on from it.
  (void)db_.execute(kForSwitching);
  (void)db_.query_text("PRAGMA journal_mode = DELETE");
}

Status LedgerWriter::begin() { return begin_.run(); }

Status LedgerWriter::commit() {
  if (Status saved = jobs_.save_totals(); !saved) return saved;
  if (Status committed = commit_.run(); !committed) return committed;
  job_.committed();
  return {};
}

void LedgerWriter::rollback() {
  (void)rollback_.run();  // After some errors SQLite has done it already.
  job_.rolled_back();
  hosts_.rolled_back();
}

Status LedgerWriter::checkpoint() {
  auto busy = db_.query_integer("PRAGMA wal_checkpoint(TRUNCATE)");
  return busy ? Status() : Status(std::move(busy).error());
}

Status LedgerWriter::begin_job(std::int64_t id, const JobSpec& spec, std::uint64_t run) {
  if (Status begun = jobs_.begin(id, spec, run); !begun) return begun;
  return lanes_.forget_other_runs();
}

}  // namespace doutu

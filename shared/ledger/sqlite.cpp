#include "shared/ledger/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "shared/base/check.h"
#include "shared/ledger/schema.h"

namespace doutu {
namespace {

/// The errno behind an error; 0: there is none, or SQLite does not tell. It forgets that of a failed commit, but
/// Statement::next() has cleared errno, so what stands there is of the same step.
int system_error_of(sqlite3* db, int extended_code) {
  const int code = extended_code & 0xff;
  if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN && code != SQLITE_FULL) return 0;
  const int told = sqlite3_system_errno(db);
  return told != 0 ? told : errno;
}

/// No statement gives two rows one key, unless the first of them was damaged.
bool is_key_taken(int extended_code) {
  return extended_code == SQLITE_CONSTRAINT_PRIMARYKEY || extended_code == SQLITE_CONSTRAINT_ROWID ||
         extended_code == SQLITE_CONSTRAINT_UNIQUE;
}

int as_errno(int extended_code, int system) {
  if (extended_code == SQLITE_READONLY_ROLLBACK) return EUCLEAN;
  if (is_key_taken(extended_code)) return EBADMSG;
  switch (extended_code & 0xff) {
    case SQLITE_FULL:
      return ENOSPC;
    case SQLITE_IOERR:
      if (system == EFBIG) return EFBIG;  // beyond `ulimit -f`, or what the file system has room for in one file
      return system == ENOSPC || system == EDQUOT ? ENOSPC : EIO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
      return EBADMSG;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return EBUSY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return EACCES;
    default:
      return 0;
  }
}

Error sqlite_error(sqlite3* db) {
  const int code = sqlite3_extended_errcode(db);
  const int system = system_error_of(db, code);
  const std::string why = system == 0 ? "" : std::string(": ") + std::strerror(system);
  return {fmt::format("{}{} (SQLite error {})", sqlite3_errmsg(db), why, code), as_errno(code, system)};
}

constexpr const char* kWal = "ledger.sqlite-wal";
constexpr int kBusyMilliseconds = 5000;
/// Of a value and of a row: a hundred times what ours take, and nothing that a machine lacks.
constexpr int kMaxValueBytes = 16 << 20;

int name_as_it_is(sqlite3_vfs* /*vfs*/, const char* name, int room, char* full) {
  const std::size_t size = std::strlen(name) + 1;
  if (size > static_cast<std::size_t>(room)) return SQLITE_CANTOPEN;
  std::memcpy(full, name, size);
  return SQLITE_OK;
}

/// SQLite's own way to files, but for their names. It would resolve /proc/self/fd/N into the folder's path, which may
/// be longer than the 512 bytes that it has for one, and by which somebody else's folder may be found later. The files
/// themselves it opens with O_NOFOLLOW.
sqlite3_vfs* register_vfs(const char* base, const char* name) {
  static std::array<sqlite3_vfs, 2> registered;
  static std::size_t count = 0;
  sqlite3_vfs& vfs = registered.at(count++);
  vfs = *sqlite3_vfs_find(base);
  vfs.pNext = nullptr;
  vfs.zName = name;
  vfs.xFullPathname = name_as_it_is;
  sqlite3_vfs_register(&vfs, 0);
  return &vfs;
}

/// A reader leaves the WAL as it is. SQLite would open it for writing, and where it finds no frames in it (none was
/// written, or its header is damaged) remove it when it is done; without locks that would be the WAL of a crawl that
/// has just begun. A WAL that is not there is empty, and is not made.
int open_for_a_reader(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* opened_as) {
  static const auto open = sqlite3_vfs_find("unix-none")->xOpen;
  if ((flags & SQLITE_OPEN_WAL) == 0) return open(vfs, name, file, flags, opened_as);
  constexpr int kForWriting = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int for_reading = (flags & ~kForWriting) | SQLITE_OPEN_READONLY;
  const char* there = ::access(name, F_OK) != 0 && errno == ENOENT ? "/dev/null" : name;
  return open(vfs, there, file, for_reading, opened_as);
}

int leave_it(sqlite3_vfs* /*vfs*/, const char* /*name*/, int /*sync_folder*/) { return SQLITE_OK; }

const char* register_for_readers() {
  sqlite3_vfs* vfs = register_vfs("unix-none", "doutu-read-only");
  vfs->xOpen = open_for_a_reader;
  vfs->xDelete = leave_it;
  return vfs->zName;
}

/// Otherwise there is no memory for it, and it has no VFS to find.
bool is_initialized() {
  // SQLite's figures about its memory would cost a lock for every piece of it.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  return sqlite3_initialize() == SQLITE_OK;
}

/// Precondition: is_initialized().
const char* vfs_for(Database::Mode mode) {
  static const char* const with_locks = register_vfs("unix", "doutu")->zName;
  static const char* const without_locks = register_for_readers();
  return mode == Database::Mode::create ? with_locks : without_locks;
}

/// What a second name leads to is changed as well: another folder's ledger, or a backup made by cp -al.
Status refuse_second_names(const StateFolder& folder) {
  for (const char* name : {kLedgerName, kWal, kJournalName}) {
    const auto facts = folder.facts_of(name);
    if (!facts || facts->names <= 1) continue;  // FUSE may say 0
    return Error{fmt::format("{} is a hard link, so a file elsewhere would change, too; replace "
                             "it with a copy",
                             folder.path_of(name)),
                 ENOTSUP};
  }
  return {};
}

/// SQLite would make it for all to read.
Status make_private_file(const StateFolder& folder) {
  if (folder.facts_of(kLedgerName)) return {};
  auto made = folder.open_or_make(kLedgerName);
  return made ? Status() : Status(std::move(made).error());
}

/// A file from strangers is data: nothing in it runs.
void harden(sqlite3* db) {
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
}

/// Locks that are kept are also what makes SQLite index the WAL in its own memory, when they are asked for before the
/// file is read (sqlite.org/wal.html section 6).
constexpr const char* kWhenOpened = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON";

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* db) const { sqlite3_close(db); }

// A bind fails only for a wrong index or want of memory; the NULL that is then in its place meets NOT NULL, and step()
// says so. A null destructor (SQLITE_STATIC) means: the bytes live until the statement is done.
void Statement::bind_integer(int index, std::int64_t value) { sqlite3_bind_int64(statement_.get(), index, value); }
void Statement::bind(int index, std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  sqlite3_bind_text64(statement_.get(), index, data, text.size(), nullptr, SQLITE_UTF8);
}
void Statement::bind(int index, std::span<const std::byte> bytes) {
  sqlite3_bind_blob64(statement_.get(), index, bytes.data(), bytes.size(), nullptr);
}
void Statement::bind(int index, std::nullopt_t /*null*/) { sqlite3_bind_null(statement_.get(), index); }

Result<bool> Statement::next() {
  errno = 0;
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      reset();
      return false;
    default: {
      Error error = sqlite_error(sqlite3_db_handle(statement_.get()));
      reset();
      return error;
    }
  }
}

Status Statement::finish() {
  while (true) {
    auto row = next();
    if (!row) return std::move(row).error();
    if (!*row) return {};
  }
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

// What was bound the last time may point nowhere by now.
void Statement::restart(int values) {
  DOUTU_CHECK(values == sqlite3_bind_parameter_count(statement_.get()));
  reset();
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto data = bytes(column);
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

std::span<const std::byte> Statement::bytes(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data != nullptr ? std::span(data, static_cast<std::size_t>(size)) : std::span<const std::byte>();
}

Result<Database> Database::open(const StateFolder& folder, Mode mode) {
  if (mode == Mode::create) {
    if (Status made = make_private_file(folder); !made) return std::move(made).error();
    if (Status single = refuse_second_names(folder); !single) return std::move(single).error();
  }
  UniqueFd place(::fcntl(folder.fd(), F_DUPFD_CLOEXEC, 0));
  if (!place.valid()) return system_error("no ledger");
  return open_at(std::move(place), kLedgerName, mode);
}

Result<Database> Database::open_foreign(const std::string& folder, std::string_view name) {
  UniqueFd place(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place.valid()) return system_error("no database");
  return open_at(std::move(place), name, Mode::read_only);
}

Result<Database> Database::open_at(UniqueFd place, std::string_view name, Mode mode) {
  const std::string path = fmt::format("/proc/self/fd/{}", place.get());
  if (::access(path.c_str(), F_OK) != 0) return system_error("/proc is not mounted");

  constexpr int kCommonFlags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  const int flags = mode == Mode::create ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (!is_initialized()) return system_error("no ledger", ENOMEM);
  const char* vfs = vfs_for(mode);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(fmt::format("{}/{}", path, name).c_str(), &handle, flags | kCommonFlags, vfs);
  if (handle == nullptr) return system_error("no ledger", ENOMEM);
  Database db(std::move(place), handle);
  if (code != SQLITE_OK) return sqlite_error(handle);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  harden(handle);
  if (Status set = db.execute(kWhenOpened); !set) return std::move(set).error();
  return db;
}

void Database::on_work(std::function<void()> called) {
  constexpr int kSteps = 100'000;  // Of SQLite's virtual machine.
  on_work_ = std::make_unique<std::function<void()>>(std::move(called));
  const auto call = [](void* on_work) {
    (*static_cast<std::function<void()>*>(on_work))();
    return 0;
  };
  sqlite3_progress_handler(db_.get(), kSteps, call, on_work_.get());
}

std::uint64_t Database::wal_bytes() const {
  struct stat status {};
  const bool is_there = ::fstatat(folder_.get(), kWal, &status, AT_SYMLINK_NOFOLLOW) == 0;
  return is_there ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::int64_t Database::changes() const { return sqlite3_changes64(db_.get()); }

Status Database::execute(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return sqlite_error(db_.get());
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_.get());
  return Statement(statement);
}

Result<std::int64_t> Database::query_integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  if (auto row = statement->first(); !row) return std::move(row).error();
  return statement->integer(0);
}

Result<std::string> Database::query_text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  if (auto row = statement->first(); !row) return std::move(row).error();
  return std::string(statement->text(0));
}

}  // namespace doutu

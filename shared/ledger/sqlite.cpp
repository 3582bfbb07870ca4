#include "shared/ledger/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "shared/base/check.h"

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

int as_errno(int extended_code, int system) {
  if (extended_code == SQLITE_READONLY_ROLLBACK) return EUCLEAN;
  switch (extended_code & 0xff) {
    case SQLITE_FULL:
      return ENOSPC;
    case SQLITE_IOERR:
      if (system == EFBIG) return EFBIG;  // beyond `ulimit -f`, or what the file system has room for in one file
      return system == ENOSPC || system == EDQUOT ? ENOSPC : EIO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
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

/// A WAL that a killed process left is read through its -shm without writing that (readonly_shm: SQLite then indexes
/// the WAL in its own memory); without a WAL the file is all there is (immutable: no -shm is made for it). Both are
/// parameters of sqlite.org/uri.html and of walBeginShmUnreliable() in wal.c.
std::string untouched_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char byte : path) {
    byte == '?' || byte == '#' || byte == '%' ? uri += fmt::format("%{:02x}", static_cast<unsigned>(byte))
                                              : uri += byte;
  }
  struct stat wal {};
  const bool has_wal = ::stat((path + "-wal").c_str(), &wal) == 0 && wal.st_size > 0;
  return uri + (has_wal ? "?readonly_shm=1" : "?immutable=1");
}

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

Result<Database> Database::open(const std::string& path, Mode mode) {
  // SQLite's figures about its memory would cost a lock for every piece of it.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  constexpr int kCommonFlags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  const int flags = mode == Mode::create      ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : mode == Mode::untouched ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                              : SQLITE_OPEN_READONLY;
  const std::string name = mode == Mode::untouched ? untouched_uri(path) : path;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags | kCommonFlags, nullptr);
  if (handle == nullptr) return system_error("no ledger", ENOMEM);
  Database db(handle);
  if (code != SQLITE_OK) return sqlite_error(handle);
  return db;
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

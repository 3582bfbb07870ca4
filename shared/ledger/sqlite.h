// Database and Statement: small owners of SQLite's handles, used by the ledger's reader and its writer, and to look
// into a browser's database. One thread per Database; a Statement must not outlive its Database.
//
// Error::code is an errno, so that the layer that decides asks one question about files and ledger alike: ENOSPC when
// the disk is full, EIO for any other I/O error, EBADMSG when the file is damaged or no database, EBUSY when another
// process holds it, EACCES when it may not be opened, EUCLEAN when a writer must finish what another one left half
// done, ENOENT when there is none to read, otherwise 0. The message has SQLite's text and extended code.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"

struct sqlite3;
struct sqlite3_stmt;

namespace doutu {

class Statement {
 public:
  /// Of no SQL: it must not be run.
  Statement() = default;

  /// Binds the values (integers, enums, text, bytes, std::optional and std::nullopt for NULL), runs the statement to
  /// its end; rows are ignored.
  template <class... Values>
  Status run(const Values&... values) {
    bind_all(values...);
    return finish();
  }

  /// Binds the values and goes to the first row; false when there is none. What was bound by reference (text, bytes)
  /// must live until the last next(). The statement is reset when there are no more rows, or by reset().
  template <class... Values>
  Result<bool> first(const Values&... values) {
    bind_all(values...);
    return next();
  }
  Result<bool> next();
  void reset();

  // The columns of the current row, from 0; text and bytes are valid until the next call.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> bytes(int column) const;
  template <class T>
  [[nodiscard]] T as(int column) const {
    return static_cast<T>(integer(column));
  }

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  template <class... Values>
  void bind_all(const Values&... values) {
    restart(static_cast<int>(sizeof...(values)));
    [[maybe_unused]] int index = 0;
    (bind(++index, values), ...);
  }
  template <class T>
  requires std::integral<T> || std::is_enum_v<T>
  void bind(int index, T value) { bind_integer(index, static_cast<std::int64_t>(value)); }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind(index, std::nullopt);
  }
  void restart(int values);
  void bind_integer(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, std::span<const std::byte> bytes);
  void bind(int index, std::nullopt_t null);
  Status finish();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode {
    read_only,  ///< Nothing is made, written or locked. Only while nobody writes, which the folder's lock tells.
    create,     ///< Made where it is missing, and this process's alone once it was read.
  };
  /// Opens the folder's ledger.sqlite; nothing of it is read yet. No mode has a file of memory that processes share
  /// (-shm): on a full disk a store into it can be a SIGBUS.
  static Result<Database> open(const StateFolder& folder, Mode mode);

  /// A database of another program, which may have it open: nothing is made, written or locked, and its WAL is read.
  /// What that program writes meanwhile may tear what is read; the caller looks whether the files have changed.
  static Result<Database> open_foreign(const std::string& folder, std::string_view name);

  /// Calls this again and again while a statement works, every few milliseconds.
  void on_work(std::function<void()> called);

  /// Of its write-ahead log; 0 without one.
  [[nodiscard]] std::uint64_t wal_bytes() const;

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;

  /// One or more statements without values.
  Status execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row of a query that always has one (a PRAGMA, a count).
  Result<std::int64_t> query_integer(std::string_view sql);
  Result<std::string> query_text(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  static Result<Database> open_at(UniqueFd place, std::string_view name, Mode mode);
  Database(UniqueFd folder, sqlite3* db) : folder_(std::move(folder)), db_(db) {}

  std::unique_ptr<std::function<void()>> on_work_;  ///< Where SQLite finds it, wherever this is moved.
  UniqueFd folder_;  ///< Under whose number SQLite finds the ledger, its WAL and its journal.
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace doutu

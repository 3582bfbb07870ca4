// A home folder with Firefox's files in it, and a Firefox that is running: its connection holds the database.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "tests/site/temporary_folder.h"

namespace doutu {

inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// The database of a profile, as Firefox opens it; what is added is in its WAL.
class RunningFirefox {
 public:
  static constexpr const char* kTable =
      "CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, value "
      "TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER, isSecure INTEGER, "
      "isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0, schemeMap INTEGER DEFAULT "
      "0, CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes))";

  explicit RunningFirefox(const std::filesystem::path& profile, const std::string& table = kTable) {
    std::filesystem::create_directories(profile);
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open((profile / "cookies.sqlite").c_str(), &db), SQLITE_OK);
    db_.reset(db);
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA wal_autocheckpoint = 0");
    execute("PRAGMA locking_mode = EXCLUSIVE");
    execute(table);
  }

  void execute(const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sql << ": " << sqlite3_errmsg(db_.get());
  }

  /// "name, host, expiry, sameSite" and the container; the rest is usual.
  void add(const std::string& name, const std::string& host, const std::string& expiry, int same_site = 0,
           const std::string& container = "", int secure = 1) {
    execute(
        "INSERT INTO moz_cookies (originAttributes, name, value, host, path, expiry, creationTime, isSecure, "
        "isHttpOnly, sameSite) VALUES ('" +
        container + "', '" + name + "', 'secret', '" + host + "', '/', " + expiry + ", 1600000000123456, " +
        std::to_string(secure) + ", 1, " + std::to_string(same_site) + ")");
  }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace doutu

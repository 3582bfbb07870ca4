// LedgerReaderTest: a folder with a ledger that the test has made.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "shared/ledger/ledger_reader.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/sqlite.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {

class LedgerReaderTest : public ::testing::Test {
 public:
  /// A ledger in WAL mode, as the downloader leaves it when it is killed.
  Database make(const std::string& rows) {
    auto db = *Database::open(state_in(directory), Database::Mode::create);
    EXPECT_EQ(*db.query_text("PRAGMA journal_mode = WAL"), "wal");
    const std::string sql = ledger_schema() + "PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
                            "; PRAGMA user_version = " + std::to_string(kLedgerVersion) + ";" + rows;
    const Status made = db.execute(sql.c_str());
    EXPECT_TRUE(made.ok()) << made.error().message;
    return db;
  }

  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder folder;
  const std::string directory = folder / "img";
};

inline constexpr const char* kJobs =
    "INSERT INTO job (id, template, pages, xpaths, started, settled, saved, pending, bytes) VALUES"
    " (1, 't', '1-3', 'x', 10, 20, 7, 0, 70), (2, 't', '1-3', 'x', 30, NULL, 5, 1, 50),"
    " (3, 't', '9', 'x', 40, NULL, 0, 0, 0);";

}  // namespace doutu

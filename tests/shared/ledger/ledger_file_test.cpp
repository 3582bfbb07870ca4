#include "shared/ledger/ledger_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/shared/ledger/ledger_reader_fixture.h"

namespace doutu {
namespace {

/// Whoever put it there is told how to take it away.
TEST_F(LedgerReaderTest, NamesWhatIsNotOurs) {
  for (const auto& [planted, said] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE TRIGGER gone AFTER UPDATE ON job BEGIN DELETE FROM found; END",
            "a trigger that doutu did not create, \"gone\""},
           {"CREATE VIEW seen AS SELECT * FROM images", "a view that doutu did not create, \"seen\""},
           {"CREATE TABLE more (a)", "a table that doutu did not create, \"more\""},
           {"CREATE TABLE more (a INTEGER PRIMARY KEY AUTOINCREMENT)", "a table that doutu did not create, \"more\""},
           {"CREATE UNIQUE INDEX once ON found (url)", "an index that doutu did not create, \"once\""},
           {"CREATE VIEW \"my \"\"own\"\"\" AS SELECT 1", "a view that doutu did not create, \"my \"\"own\"\"\""}}) {
    std::filesystem::remove_all(directory);
    make(kJobs);
    const auto change = [&](const std::string& sql) {
      auto db = *Database::open(state_in(directory), Database::Mode::create);
      const Status changed = db.execute(sql.c_str());
      ASSERT_TRUE(changed.ok()) << sql << ": " << changed.error().message;
    };
    change(planted);
    const auto reader = LedgerReader::open(state_in(directory));
    ASSERT_FALSE(reader.ok()) << planted;
    const std::string message = reader.error().message;
    EXPECT_NE(message.find(said), std::string::npos) << message;
    const std::size_t from = message.find("DROP ");
    ASSERT_NE(from, std::string::npos) << message;
    change(message.substr(from, message.find(';', from) - from));
    EXPECT_TRUE(LedgerReader::open(state_in(directory)).ok()) << planted;
  }
}

TEST_F(LedgerReaderTest, RefusesTablesThatAreNotOurs) {
  const char* const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
  for (const std::string& planted :
       {std::string("DROP VIEW images; CREATE VIEW images AS ") + endless,
        std::string("ALTER TABLE job RENAME TO x; CREATE VIEW job AS ") + endless,
        std::string("CREATE TRIGGER gone AFTER UPDATE ON job BEGIN DELETE FROM found; END"),
        std::string("CREATE TABLE more (a)"), std::string("CREATE UNIQUE INDEX more ON found (url)"),
        std::string("CREATE INDEX more ON found (abs(id))"), std::string("CREATE INDEX more ON found (id + 1)"),
        std::string("CREATE INDEX more ON found (url) WHERE job = 1"), std::string("DROP TABLE met"),
        std::string("DROP TABLE lane"), std::string("ALTER TABLE found ADD COLUMN more TEXT"),
        std::string("ALTER TABLE found DROP COLUMN referrer_policy"), std::string("DROP VIEW robots_tags")}) {
    std::filesystem::remove_all(directory);
    make(kJobs);
    {
      auto db = *Database::open(state_in(directory), Database::Mode::create);
      const Status changed = db.execute(planted.c_str());
      ASSERT_TRUE(changed.ok()) << changed.error().message;
    }
    const auto reader = LedgerReader::open(state_in(directory));
    ASSERT_FALSE(reader.ok()) << planted;
    EXPECT_NE(reader.error().message.find("cannot be used: it "), std::string::npos) << reader.error().message;
    EXPECT_NE(reader.error().message.find("move it away"), std::string::npos);
  }
}

TEST_F(LedgerReaderTest, TakesFiguresOfAnalyzeAndPlainIndexesOfTheUsers) {
  for (const char* sql : {"ANALYZE", "CREATE INDEX mine ON found (url)", "CREATE INDEX mine ON found (host, page)"}) {
    std::filesystem::remove_all(directory);
    make(kJobs);
    {
      auto db = *Database::open(state_in(directory), Database::Mode::create);
      const Status changed = db.execute(sql);
      ASSERT_TRUE(changed.ok()) << changed.error().message;
    }
    const auto reader = LedgerReader::open(state_in(directory));
    ASSERT_TRUE(reader.ok()) << sql << ": " << reader.error().message;
    EXPECT_EQ((*(*reader)->latest_job())->id, 3);
  }
}

TEST_F(LedgerReaderTest, TakesTheSameTablesWithOtherComments) {
  std::string schema = ledger_schema();
  const auto comment = schema.find("-- when everything");
  schema.replace(comment, schema.find('\n', comment) - comment, "  -- other words; of ours");
  {
    auto db = *Database::open(state_in(directory), Database::Mode::create);
    const std::string sql = schema + "PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
                            "; PRAGMA user_version = " + std::to_string(kLedgerVersion) + ";" + kJobs;
    ASSERT_TRUE(db.execute(sql.c_str()));
  }
  EXPECT_EQ((*(*LedgerReader::open(state_in(directory)))->latest_job())->id, 3);
}

TEST_F(LedgerReaderTest, SaysThatAHugeValueIsDamage) {
  make("INSERT INTO job (id, template, pages, xpaths, started) VALUES (1, 't', '1', zeroblob(1000), 1)");
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(ledger_path(directory).c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "UPDATE job SET xpaths = zeroblob(100000000)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  const auto job = (*LedgerReader::open(state_in(directory)))->latest_job();
  ASSERT_FALSE(job.ok());
  EXPECT_NE(job.error().message.find("is damaged"), std::string::npos) << job.error().message;
}

TEST_F(LedgerReaderTest, DamageInTheMiddleIsSaidWithWhatToDo) {
  {
    Database writer = make(kJobs);
    EXPECT_EQ(*writer.query_text("PRAGMA journal_mode = DELETE"), "delete");
  }
  std::fstream file(ledger_path(directory), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);  // The jobs, behind a page that says what the file is.
  file << std::string(4096, 'x');
  file.close();
  auto reader = LedgerReader::open(state_in(directory));
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const auto job = (*reader)->latest_job();
  ASSERT_FALSE(job.ok());
  EXPECT_NE(job.error().message.find("is damaged"), std::string::npos) << job.error().message;
  EXPECT_NE(job.error().message.find("move it away"), std::string::npos);
}

}  // namespace
}  // namespace doutu

#include "shared/ledger/ledger_reader.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

class LedgerReaderTest : public ::testing::Test {
 public:
  /// A ledger in WAL mode, as the downloader leaves it when it is killed.
  Database make(const std::string& rows) {
    auto db = *Database::open(state_in(directory), Database::Mode::create);
    EXPECT_EQ(*db.query_text("PRAGMA journal_mode = WAL"), "wal");
    const std::string sql = std::string(kLedgerSchema) +
                            "PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
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

const char* const kJobs =
    "INSERT INTO accounts (id, template, pages, xpaths, started, settled, saved, pending, bytes) VALUES"
    " (1, 't', '1-3', 'x', 10, 20, 7, 0, 70), (2, 't', '1-3', 'x', 30, NULL, 5, 1, 50),"
    " (3, 't', '9', 'x', 40, NULL, 0, 0, 0);";

TEST_F(LedgerReaderTest, SqliteKeepsNoFiguresOfItsMemory) {
  const Database db = make(kJobs);
  EXPECT_EQ(sqlite3_memory_used(), 0) << "something has set SQLite up before Database::open()";
}

TEST_F(LedgerReaderTest, AFolderWithoutALedgerHasNone) { EXPECT_EQ(*LedgerReader::open(state_in(directory)), nullptr); }

TEST_F(LedgerReaderTest, FindsJobsByNumberBySpecAndTheLatest) {
  const Database writer = make(kJobs);
  auto reader = *LedgerReader::open(state_in(directory));
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ((*reader->latest_job())->id, 3);
  const auto found = *reader->find_job({"t", "1-3", "x"});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, 2);
  EXPECT_FALSE(found->settled);
  EXPECT_EQ(found->counters, (JobCounters{.saved = 5, .pending = 1, .bytes = 50}));
  EXPECT_TRUE(reader->job(1)->settled);
  EXPECT_FALSE(reader->job(99).ok());
  EXPECT_EQ(*reader->find_job({"t", "1-4", "x"}), std::nullopt);
}

TEST_F(LedgerReaderTest, FindsWhatIsNotFinishedTheLastFirst) {
  const Database writer = make(kJobs);
  auto reader = *LedgerReader::open(state_in(directory));
  const auto unfinished = *reader->unfinished_jobs();
  std::vector<std::int64_t> ids;
  for (const Job& job : unfinished) {
    EXPECT_FALSE(job.settled);
    ids.push_back(job.id);
  }
  EXPECT_EQ(ids, (std::vector<std::int64_t>{3, 2}));
}

TEST_F(LedgerReaderTest, RollsBackWhatADeadWriterLeftHalfDone) {
  make(kJobs);
  const std::string path = ledger_path(directory);
  const std::string half = folder / "half";
  {
    auto db = *Database::open(state_in(directory), Database::Mode::create);
    EXPECT_EQ(*db.query_text("PRAGMA journal_mode = DELETE"), "delete");
    // More than its cache has room for, so that part of it is in the file before it is committed.
    const Status begun = db.execute(
        "PRAGMA cache_size = 5; BEGIN; WITH RECURSIVE n(i) AS (VALUES(10) UNION ALL SELECT i + 1 FROM n LIMIT 3000)"
        " INSERT INTO accounts (id, template, pages, xpaths, started) SELECT i, 'long template', 'p', 'x', 0 FROM n");
    ASSERT_TRUE(begun.ok()) << begun.error().message;
    std::filesystem::copy_file(path, half);
    std::filesystem::copy_file(path + "-journal", half + "-journal");
  }
  std::filesystem::rename(half, path);
  std::filesystem::rename(half + "-journal", path + "-journal");
  auto reader = LedgerReader::open(state_in(directory));
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ((*(*reader)->latest_job())->id, 3);
}

TEST_F(LedgerReaderTest, ALedgerWithoutAJobHasNoLatest) {
  const Database writer = make("");
  EXPECT_EQ(*(*LedgerReader::open(state_in(directory)))->latest_job(), std::nullopt);
}

TEST_F(LedgerReaderTest, UndoesWhatAKilledWriterHadBegunOutsideTheWal) {
  {
    Database writer = make(kJobs);
    EXPECT_EQ(*writer.query_text("PRAGMA journal_mode = DELETE"), "delete");
    // More than its cache holds, so that the file is half changed.
    const char* sql =
        "PRAGMA cache_size = 1; BEGIN; WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " INSERT INTO accounts (id, template, pages, xpaths, started) SELECT i, 't', hex(randomblob(99)), 'x', 1 FROM "
        "n;";
    ASSERT_TRUE(writer.execute(sql).ok());
    ASSERT_GT(std::filesystem::file_size(ledger_path(directory) + "-journal"), 0U);
    std::filesystem::copy(state_folder(directory), folder / "killed");
  }
  std::filesystem::remove_all(state_folder(directory));
  std::filesystem::rename(folder / "killed", state_folder(directory));
  auto reader = LedgerReader::open(state_in(directory));
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ((*(*reader)->latest_job())->id, 3);
}

/// What a writer that was killed has left, a -shm among it, as versions before this one made it.
class LeftByAVersionBefore : public LedgerReaderTest {
 protected:
  void SetUp() override {
    make("");
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(ledger_path(directory).c_str(), &db), SQLITE_OK);
    for (const char* sql : {"PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0", kJobs})
      ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    ASSERT_TRUE(std::filesystem::exists(ledger_path(directory) + "-shm"));
    std::filesystem::copy(state_folder(directory), folder / "killed");
    sqlite3_close(db);
    std::filesystem::remove_all(state_folder(directory));
    std::filesystem::rename(folder / "killed", state_folder(directory));
  }
};

TEST_F(LeftByAVersionBefore, IsReadAsItIs) {
  const std::string shm = content(ledger_path(directory) + "-shm");
  const std::string wal = content(ledger_path(directory) + "-wal");
  ASSERT_GT(wal.size(), 0U);
  EXPECT_EQ((*(*LedgerReader::open(state_in(directory), LedgerReader::HalfDone::left))->latest_job())->id, 3);
  EXPECT_EQ(content(ledger_path(directory) + "-shm"), shm);
  EXPECT_EQ(content(ledger_path(directory) + "-wal"), wal);
}

TEST_F(LeftByAVersionBefore, IsWrittenOn) {
  {
    auto db = *Database::open(state_in(directory), Database::Mode::create);
    const Status written = db.execute("UPDATE accounts SET saved = 9 WHERE id = 3");
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  EXPECT_EQ((*(*LedgerReader::open(state_in(directory)))->latest_job())->counters.saved, 9U);
}

TEST_F(LedgerReaderTest, NeitherReaderNorWriterMakesMemoryThatIsShared) {
  const Database writer = make(kJobs);
  EXPECT_EQ((*(*LedgerReader::open(state_in(directory)))->latest_job())->id, 3);
  EXPECT_GT(writer.wal_bytes(), 0U);
  EXPECT_FALSE(std::filesystem::exists(ledger_path(directory) + "-shm"));
}

TEST_F(LedgerReaderTest, AFolderMayHaveALongPathAndBeMoved) {
  std::string deep = directory;
  while (deep.size() < 1000) deep += "/" + std::string(50, 'p');
  std::filesystem::create_directories(deep);
  const StateFolder state = state_in(deep);
  auto db = *Database::open(state, Database::Mode::create);
  ASSERT_EQ(*db.query_text("PRAGMA journal_mode = WAL"), "wal");
  ASSERT_TRUE(db.execute("CREATE TABLE t (a)"));
  std::filesystem::rename(folder / "img", folder / "elsewhere");
  ASSERT_TRUE(db.execute("INSERT INTO t VALUES (1)"));
  ASSERT_EQ(*db.query_text("PRAGMA journal_mode = DELETE"), "delete");
  EXPECT_EQ(*Database::open(state, Database::Mode::read_only)->query_integer("SELECT a FROM t"), 1);
}

// --- What a reader leaves as it is: all of it, as a crawl may begin meanwhile.

class LeftAsItIs : public LedgerReaderTest {
 protected:
  using Entries = std::map<std::string, std::tuple<std::string, std::filesystem::file_time_type>>;

  [[nodiscard]] Entries entries() const {
    Entries all;
    for (const auto& entry : std::filesystem::directory_iterator(state_folder(directory)))
      all[entry.path().filename()] = {content(entry.path()), entry.last_write_time()};
    return all;
  }
  void write(const char* behind_the_name, const std::string& bytes) const {
    std::ofstream(ledger_path(directory) + behind_the_name, std::ios::binary) << bytes;
  }
  /// What a writer has on the disk while it is at work.
  void leave_killed(Database& writer, const char* sql) {
    const Status written = writer.execute(sql);
    ASSERT_TRUE(written.ok()) << written.error().message;
    std::filesystem::copy(state_folder(directory), folder / "killed");
    { const Database closed = std::move(writer); }
    std::filesystem::remove_all(state_folder(directory));
    std::filesystem::rename(folder / "killed", state_folder(directory));
  }
  void leave_frames() {
    Database writer = make("");
    leave_killed(writer, kJobs);
  }

  /// The job that a reader found; 0: none, or it could not read.
  std::int64_t expect_left_as_it_is() {
    const StateFolder state = state_in(directory);
    const Entries before = entries();
    std::int64_t found = 0;
    if (auto reader = LedgerReader::open(state, LedgerReader::HalfDone::left); reader && *reader) {
      const auto job = (*reader)->latest_job();
      if (job && *job) found = (*job)->id;
    }
    EXPECT_EQ(entries(), before);
    return found;
  }
};

TEST_F(LeftAsItIs, AWalWithFrames) {
  leave_frames();
  EXPECT_EQ(expect_left_as_it_is(), 3);
}

TEST_F(LeftAsItIs, AnEmptyWal) {
  make(kJobs);
  write("-wal", "");
  EXPECT_EQ(expect_left_as_it_is(), 3);
}

TEST_F(LeftAsItIs, AWalThatIsNotThere) {
  make(kJobs);
  ASSERT_EQ(entries().count("ledger.sqlite-wal"), 0U);
  EXPECT_EQ(expect_left_as_it_is(), 3);
}

TEST_F(LeftAsItIs, AWalWithAFlippedBit) {
  for (const std::size_t at : {0U, 9U, 17U, 30U, 40U, 100U}) {
    std::filesystem::remove_all(directory);
    leave_frames();
    std::string wal = content(ledger_path(directory) + "-wal");
    wal.at(at) = static_cast<char>(wal.at(at) ^ 1);
    write("-wal", wal);
    expect_left_as_it_is();
  }
}

TEST_F(LeftAsItIs, AJournalToBeRolledBack) {
  Database writer = make(kJobs);
  EXPECT_EQ(*writer.query_text("PRAGMA journal_mode = DELETE"), "delete");
  leave_killed(writer,
               "PRAGMA cache_size = 1; BEGIN; WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < "
               "2000) INSERT INTO accounts (id, template, pages, xpaths, started) SELECT i, 't', hex(randomblob(99)), "
               "'x', 1 FROM n;");
  ASSERT_EQ(entries().count("ledger.sqlite-journal"), 1U);
  EXPECT_EQ(expect_left_as_it_is(), 0);
}

TEST_F(LeftAsItIs, ADatabaseWithoutAByte) {
  leave_frames();
  write("", "");
  write("-journal", "a journal");
  EXPECT_EQ(expect_left_as_it_is(), 0);
}

// --- Ledgers that somebody else has made.

/// Whoever put it there is told how to take it away.
TEST_F(LedgerReaderTest, NamesWhatIsNotOurs) {
  for (const auto& [planted, said] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE TRIGGER gone AFTER UPDATE ON accounts BEGIN DELETE FROM images; END",
            "a trigger that doutu did not create, \"gone\""},
           {"CREATE VIEW seen AS SELECT * FROM images", "a view that doutu did not create, \"seen\""},
           {"CREATE TABLE more (a)", "a table that doutu did not create, \"more\""},
           {"CREATE TABLE more (a INTEGER PRIMARY KEY AUTOINCREMENT)", "a table that doutu did not create, \"more\""},
           {"CREATE UNIQUE INDEX once ON images (url)", "an index that doutu did not create, \"once\""},
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
  const char* const kEndless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
  for (const std::string& planted :
       {std::string("DROP TABLE images; CREATE VIEW images AS ") + kEndless,
        std::string("ALTER TABLE accounts RENAME TO x; CREATE VIEW accounts AS ") + kEndless,
        std::string("CREATE TRIGGER gone AFTER UPDATE ON accounts BEGIN DELETE FROM images; END"),
        std::string("CREATE TABLE more (a)"), std::string("CREATE UNIQUE INDEX more ON images (url)"),
        std::string("CREATE INDEX more ON images (abs(id))"), std::string("CREATE INDEX more ON images (id + 1)"),
        std::string("CREATE INDEX more ON images (url) WHERE state = 1"), std::string("DROP INDEX images_content"),
        std::string("DROP TABLE lanes"), std::string("ALTER TABLE images ADD COLUMN more TEXT")}) {
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
  for (const char* sql : {"ANALYZE", "CREATE INDEX mine ON images (url)", "CREATE INDEX mine ON images (host, page)"}) {
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
  std::string schema = kLedgerSchema;
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
  make("INSERT INTO accounts (id, template, pages, xpaths, started) VALUES (1, 't', '1', zeroblob(1000), 1)");
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(ledger_path(directory).c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "UPDATE accounts SET xpaths = zeroblob(100000000)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  const auto job = (*LedgerReader::open(state_in(directory)))->latest_job();
  ASSERT_FALSE(job.ok());
  EXPECT_NE(job.error().message.find("is damaged"), std::string::npos) << job.error().message;
}

TEST_F(LedgerReaderTest, VisitsPagesAndFailuresOfOneJob) {
  const Database writer =
      make(std::string(kJobs) +
           "INSERT INTO pages (account, number, url, state, attempt, run, run_attempt, cause,"
           " http_status) VALUES (2, 3, 'u3', 3, 5, 1, 1, 'http-404', 404),"
           " (2, 1, 'u1', 1, 1, 1, 1, NULL, 0), (1, 2, 'old', 3, 1, 1, 1, 'timeout', 0);"
           "INSERT INTO images (id, url_key, url, host, account, page, attempt, position, state,"
           " attempts, cause) VALUES (8, 'b', 'late', 1, 2, 3, 1, 0, 3, 4, 'stalled'),"
           " (4, 'a', 'early', 1, 2, 1, 1, 0, 3, 1, 'truncated'),"
           " (5, 'c', 'fine', 1, 2, 1, 1, 1, 1, 1, NULL), (6, 'd', 'old', 1, 1, 1, 1, 1, 3, 1, 'x');");
  auto reader = *LedgerReader::open(state_in(directory));
  std::vector<std::uint64_t> pages;
  ASSERT_TRUE(reader->for_each_page(2, [&](const PageRow& page) { pages.push_back(page.number); }).ok());
  EXPECT_EQ(pages, (std::vector<std::uint64_t>{1, 3}));

  std::vector<Failure> failures;
  ASSERT_TRUE(reader->for_each_failure(2, [&](const Failure& failure) { failures.push_back(failure); }).ok());
  ASSERT_EQ(failures.size(), 3U);
  EXPECT_TRUE(failures[0].is_page);
  EXPECT_EQ(failures[0].url, "u3");
  EXPECT_EQ(failures[0].page, 3U);
  EXPECT_EQ(failures[0].cause, "http-404");
  EXPECT_EQ(failures[0].http_status, 404);
  EXPECT_EQ(failures[0].attempts, 5U);
  EXPECT_FALSE(failures[1].is_page);
  EXPECT_EQ(failures[1].url, "early");
  EXPECT_EQ(failures[2].url, "late");
}

TEST_F(LedgerReaderTest, GoesThroughTheOddPagesOfOneJobInTheOrderOfTheirNumbers) {
  const Database writer = make(
      "INSERT INTO pages (account, number, url, final_url, state, attempt, run, run_attempt, http_status) VALUES"
      " (2, 7, 'u7', 'login', 2, 3, 1, 1, 200), (2, 4, 'u4', NULL, 2, 1, 1, 1, 204), (2, 5, 'u5', NULL, 1, 1, 1, 1, "
      "200),"
      " (1, 6, 'old', NULL, 2, 1, 1, 1, 200), (2, 8, 'u8', NULL, 3, 1, 1, 1, 404), (2, 9, 'u9', NULL, 0, 1, 1, 1, 0),"
      " (2, 3, 'u3', 'there', 1, 1, 1, 1, 200), (2, 2, 'u2', '', 1, 1, 1, 1, 200), (2, 1, 'u1', 'x', 3, 1, 1, 1, "
      "404);");
  auto reader = *LedgerReader::open(state_in(directory));
  std::vector<OddPage> pages;
  ASSERT_TRUE(reader->for_each_odd_page(2, [&](const OddPage& page) { pages.push_back(page); }).ok());
  EXPECT_EQ(pages, (std::vector<OddPage>{
                       {3, "u3", "there", 200, 1, true}, {4, "u4", "", 204, 1}, {7, "u7", "login", 200, 3}}));
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

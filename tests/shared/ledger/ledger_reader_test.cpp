#include "shared/ledger/ledger_reader.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/shared/ledger/ledger_reader_fixture.h"

namespace doutu {
namespace {

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
        " INSERT INTO job (id, template, pages, xpaths, started) SELECT i, 'long template', 'p', 'x', 0 FROM n");
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

TEST_F(LedgerReaderTest, ReadsBesideAJournalWhoseHeaderIsNotWhole) {
  make(kJobs);
  const std::string journal = ledger_path(directory) + "-journal";
  std::ofstream(journal, std::ios::binary) << "\xd9\xd5\x05\xf9\x20\xa1" << std::string(600, '\0');
  auto reader = LedgerReader::open(state_in(directory));
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ((*(*reader)->latest_job())->id, 3);
  EXPECT_FALSE(std::filesystem::exists(journal));
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
        " INSERT INTO job (id, template, pages, xpaths, started) SELECT i, 't', hex(randomblob(99)), 'x', 1 FROM "
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
    const Status written = db.execute("UPDATE job SET saved = 9 WHERE id = 3");
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

TEST_F(LedgerReaderTest, VisitsPagesAndFailuresOfOneJob) {
  const Database writer =
      make(std::string(kJobs) +
           "INSERT INTO page (job, number, url, state, attempt, run, run_attempt, cause,"
           " http_status) VALUES (2, 3, 'u3', 3, 5, 1, 1, 'http-404', 404),"
           " (2, 1, 'u1', 1, 1, 1, 1, NULL, 0), (1, 2, 'old', 3, 1, 1, 1, 'timeout', 0);"
           "INSERT INTO found (id, url, host, job, page, attempt, position) VALUES (8, 'late', 1, 2, 3, 1, 0),"
           " (4, 'early', 1, 2, 1, 1, 0), (5, 'fine', 1, 2, 1, 1, 1), (6, 'old', 1, 1, 1, 1, 1);"
           "INSERT INTO ended (id, state, job, attempts, cause, http_status) VALUES (8, 3, 2, 4, 'stalled', 0),"
           " (4, 3, 2, 1, 'truncated', 0), (5, 1, 2, 1, NULL, 200), (6, 3, 1, 1, 'x', 0);"
           "INSERT INTO failed (job, image) VALUES (2, 8), (2, 4), (1, 6);");
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
      "INSERT INTO page (job, number, url, final_url, state, attempt, run, run_attempt, http_status) VALUES"
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

}  // namespace
}  // namespace doutu

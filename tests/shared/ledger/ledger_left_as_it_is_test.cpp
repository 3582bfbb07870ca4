// What a reader leaves as it is: all of it, as a crawl may begin meanwhile.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "tests/shared/ledger/ledger_reader_fixture.h"

namespace doutu {
namespace {

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
               "2000) INSERT INTO job (id, template, pages, xpaths, started) SELECT i, 't', hex(randomblob(99)), "
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

}  // namespace
}  // namespace doutu

#include "tests/power_loss/disk_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/power_loss/valid_wal.h"
#include "tests/site/crawl_folder.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using Kind = Call::Kind;

Call made(const std::string& name, std::uint64_t file) {
  return {.kind = Kind::made, .file = file, .name = "/d/" + name};
}
Call written(std::uint64_t file, const std::string& data, std::int64_t at = 0) {
  return {.kind = Kind::written, .file = file, .position = at, .data = data};
}
Call sync(Kind kind, std::uint64_t file) { return {.kind = kind, .file = file, .position = 1}; }

TEST(DiskModel, LosesEachEffectForItself) {
  DiskModel model({made("a", 5), written(5, "xy"), {.kind = Kind::renamed, .name = "/d/a", .other_name = "/d/b"}},
                  "/d");
  EXPECT_THAT(model.unsynced(3), ElementsAre(0, 1, 2));
  EXPECT_EQ(model.state({.calls = 3, .fates = {}}), (DiskState{{"b", "xy"}}));
  EXPECT_EQ(model.state({.calls = 3, .fates = {{1, Fate::lost}}}), (DiskState{{"b", ""}}));
  EXPECT_EQ(model.state({.calls = 3, .fates = {{1, Fate::zeros}}}), (DiskState{{"b", std::string(2, '\0')}}));
  EXPECT_EQ(model.state({.calls = 3, .fates = {{2, Fate::lost}}}), (DiskState{{"a", "xy"}}));
}

TEST(DiskModel, KeepsOfASyncedFileTheBytesAndNotTheName) {
  const DiskModel model({made("a", 5), written(5, "xy"), sync(Kind::sync_began, 5), sync(Kind::sync_ended, 5)}, "/d");
  EXPECT_THAT(model.unsynced(3), ElementsAre(0, 1));
  EXPECT_THAT(model.unsynced(4), ElementsAre(0));
}

TEST(DiskModel, KeepsNothingThatCameAfterASyncHadBegun) {
  const DiskModel model({made("a", 5), sync(Kind::sync_began, 0), written(5, "xy"), sync(Kind::sync_ended, 0)}, "/d");
  EXPECT_THAT(model.unsynced(4), ElementsAre(1));
}

TEST(DiskModel, TearsABlockAtASector) {
  const DiskModel model({made("a", 5), written(5, std::string(5000, 'x'))}, "/d");
  EXPECT_THAT(model.unsynced(2), ElementsAre(0, 1, 2));
  EXPECT_EQ(model.state({.calls = 2, .fates = {{1, Fate::torn}, {2, Fate::lost}}}),
            (DiskState{{"a", std::string(2048, 'x') + std::string(2048, '\0')}}));
}

TEST(ValidWal, EndsBeforeTheFirstFrameThatSqliteDoesNotRead) {
  const TemporaryFolder folder;
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "db").c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)", nullptr, nullptr, nullptr);
  const std::string before = read_file(folder / "db-wal");
  sqlite3_exec(db, "INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr);
  std::string wal = read_file(folder / "db-wal");
  sqlite3_close(db);
  EXPECT_EQ(valid_wal_bytes(before), before.size());
  EXPECT_EQ(valid_wal_bytes(wal), wal.size());
  wal[before.size() + 100] ^= 1;
  EXPECT_EQ(valid_wal_bytes(wal), before.size());
  wal[100] ^= 1;
  EXPECT_EQ(valid_wal_bytes(wal), 0U);
}

}  // namespace
}  // namespace doutu

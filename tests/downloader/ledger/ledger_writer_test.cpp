#include "downloader/ledger/ledger_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "shared/ledger/ledger_reader.h"
#include "shared/ledger/schema_3.h"
#include "shared/ledger/schema_5.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

const std::string kA = "http://i/a.jpg";
const std::string kB = "http://i/b.jpg";
const std::string kC = "http://j/c.jpg";

TEST(LedgerWriter, ARolledBackBatchLeavesNothing) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA});
  const JobCounters before = scene.counters();
  must(scene.writer().begin());
  PageRecord page = scene.begin_page(2);
  scene.hits(page, {kA, kB, kC, "http://newhost/x"});
  must(scene.writer().lanes().save_taken(5, 1000));
  scene.writer().rollback();
  EXPECT_EQ(scene.counters(), before);
  scene.expect_balance();
  EXPECT_EQ(must(scene.writer().lanes().taken(5)), 0U);
  // The host that was rolled back is not remembered.
  EXPECT_EQ(scene.page(2, {"http://newhost/x"}).size(), 1U);
  EXPECT_EQ(scene.count("SELECT count(*) FROM found f JOIN host h ON h.id = f.host"), 2);
}

TEST(LedgerWriter, RemembersLanesOfThisRunOnly) {
  LedgerScene scene;
  scene.job(1);
  must(scene.writer().begin());
  must(scene.writer().lanes().save_taken(5, 1000));
  must(scene.writer().commit());
  scene.job(1);
  EXPECT_EQ(must(scene.writer().lanes().taken(5)), 1000U);
  must(scene.writer().begin());
  must(scene.writer().begin_job(1, {"http://h/{page}", "1-10", "//img"}, LedgerScene::kRun + 1));
  must(scene.writer().commit());
  EXPECT_EQ(must(scene.writer().lanes().taken(5)), 0U);
  EXPECT_EQ(scene.count("SELECT count(*) FROM lane"), 0);
}

TEST(LedgerWriter, HasWhatWasCommittedBeforeAKillAndNothingElse) {
  LedgerScene scene;
  scene.close();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // Its own connection: SQLite's handles must not cross a fork.
    scene.open();
    scene.job(1);
    scene.page(1, {kA, kB});
    must(scene.writer().begin());
    PageRecord page = scene.begin_page(2);
    scene.hits(page, {kC});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(std::filesystem::exists(ledger_path(scene.files.directory()) + "-wal"));

  // The parent reads first, beside the leftovers of the dead writer.
  {
    auto reader = must(LedgerReader::open(state_in(scene.files.directory())));
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(must(reader->latest_job())->counters, (JobCounters{.pending = 2}));
  }
  scene.open();
  scene.job(1);
  scene.expect_balance();
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 2}));
  EXPECT_EQ(scene.page(2, {kC}).size(), 1U);
}

TEST(LedgerWriter, FindsAnImageThoughAnIdAboveItsOwnWasRolledBack) {
  LedgerScene scene;
  scene.close();
  scene.staged_keys = 2;
  scene.open();
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kB});
  must(scene.writer().begin());
  PageRecord page = scene.begin_page(2);
  scene.hits(page, {kC, "http://i/d.jpg"});
  scene.writer().rollback();
  scene.saved(tasks.at(0));
  scene.saved(tasks.at(1));
  ASSERT_EQ(scene.count("SELECT count(*) FROM content_key"), 2) << "merged, beyond the last row";

  for (const std::size_t new_images : {1U, 0U}) {
    scene.close();
    scene.open();
    scene.job(1);
    EXPECT_EQ(scene.page(2, {kC}).size(), new_images);
  }
}

TEST(LedgerWriter, LeavesOneFileAtACleanEnd) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA});
  EXPECT_GT(scene.writer().wal_bytes(), 0U);
  must(scene.writer().checkpoint());
  EXPECT_EQ(scene.writer().wal_bytes(), 0U);
  scene.page(2, {kB});
  scene.close();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(state_folder(scene.files.directory()))) {
    files += entry.is_regular_file() ? 1U : 0U;
  }
  EXPECT_EQ(files, 1U);
  must(LedgerReader::open(state_in(scene.files.directory())));
  EXPECT_FALSE(std::filesystem::exists(ledger_path(scene.files.directory()) + "-shm"));
}

// --- Files that are no ledger of ours.

TEST(LedgerWriter, SaysThatItWorksWhileItRewritesAnOlderLedger) {
  const FolderFiles files;
  std::filesystem::create_directories(state_folder(files.directory()));
  {
    auto db = must(Database::open(state_in(files.directory()), Database::Mode::create));
    must(db.execute(kLedgerSchema3));
    must(db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO images (id, url_key, url, host, account, page, attempt, position, state, attempts, next_attempt)"
        " SELECT i, randomblob(16), 'http://h/' || i, 1, 1, 1, 1, i, 3, 1, 0 FROM n"));
    must(db.execute(("PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
                     "; PRAGMA user_version = " + std::to_string(kLedgerVersion3))
                        .c_str()));
  }
  int times = 0;
  const auto writer =
      LedgerWriter::open(state_in(files.directory()), {.staged_keys = KeyStage::kFull, .on_work = [&] { ++times; }});
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  EXPECT_GT(times, 5) << "a downloader that gives no sign of life is replaced";
}

/// The names of what is new were free then.
TEST(LedgerWriter, TakesAnOlderLedgerWhoseUserHasIndexesOfNewNames) {
  for (const auto& [version, schema, name] :
       std::vector<std::tuple<int, std::string, std::string>>{{kLedgerVersion3, kLedgerSchema3, "robots"},
                                                              {kLedgerVersion4, ledger_schema_4(), "Page_Link"},
                                                              {kLedgerVersion4, ledger_schema_4(), "robots_tag"},
                                                              {kLedgerVersion5, ledger_schema_5(), "ROBOTS"},
                                                              {kLedgerVersion5, ledger_schema_5(), "robots_tags"},
                                                              {kLedgerVersion5, ledger_schema_5(), "mine"}}) {
    const FolderFiles files;
    std::filesystem::create_directories(state_folder(files.directory()));
    {
      auto db = must(Database::open(state_in(files.directory()), Database::Mode::create));
      const std::string table = version == kLedgerVersion3 ? "images" : "found";
      must(db.execute((schema + "CREATE INDEX " + name + " ON " + table + " (url);" +
                       (version == kLedgerVersion3
                            ? ""
                            : "INSERT INTO merged (id, secret, found, named) VALUES (1, randomblob(192), 0, 0);") +
                       "PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
                       "; PRAGMA user_version = " + std::to_string(version))
                          .c_str()));
    }
    for (const char* time : {"as it was", "as it is now"}) {
      EXPECT_TRUE(LedgerReader::open(state_in(files.directory())).ok()) << time;
      const auto writer = LedgerWriter::open(state_in(files.directory()));
      EXPECT_TRUE(writer.ok()) << name << " of version " << version << ' ' << time << ": " << writer.error().message;
    }
  }
}

class RefusedLedger : public ::testing::Test {
 public:
  /// Both the writer and the reader refuse the file with these words, and leave it as it is.
  void expect_refused(const std::string& words) {
    const std::string path = ledger_path(files.directory());
    const std::string before = FolderFiles::read(path);
    const auto writer = LedgerWriter::open(state_in(files.directory()));
    ASSERT_FALSE(writer.ok());
    const auto reader = LedgerReader::open(state_in(files.directory()));
    ASSERT_FALSE(reader.ok());
    for (const std::string& message : {writer.error().message, reader.error().message}) {
      EXPECT_THAT(message, ::testing::HasSubstr(words));
      EXPECT_THAT(message, ::testing::HasSubstr(path));
      EXPECT_THAT(message, ::testing::HasSubstr("move it away"));
      EXPECT_EQ(message.find('\n'), std::string::npos);
    }
    EXPECT_EQ(FolderFiles::read(path), before);
  }

  void make(const std::string& sql) {
    auto db = must(Database::open(state_in(files.directory()), Database::Mode::create));
    must(db.execute(sql.c_str()));
  }

  FolderFiles files;
};

TEST_F(RefusedLedger, OfANewerVersion) {
  LedgerScene scene;
  scene.close();
  make("CREATE TABLE x(y); PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
       "; PRAGMA user_version = " + std::to_string(kLedgerVersion + 1));
  expect_refused("newer version of doutu");
}

TEST_F(RefusedLedger, OfAnOlderVersion) {
  make("CREATE TABLE x(y); PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
       "; PRAGMA user_version = " + std::to_string(kLedgerVersion3 - 1));
  expect_refused("older version of doutu");
}

TEST_F(RefusedLedger, OfAnotherProgram) {
  make("CREATE TABLE cookies(name)");
  expect_refused("not a ledger of doutu");
}

TEST_F(RefusedLedger, ThatIsNoDatabase) {
  FolderFiles::write(ledger_path(files.directory()), std::string(5000, 'x'));
  expect_refused("damaged");
}

TEST_F(RefusedLedger, ThatIsCutShort) {
  make(ledger_schema() + "; PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
       "; PRAGMA user_version = " + std::to_string(kLedgerVersion));
  std::filesystem::resize_file(ledger_path(files.directory()), 4096);
  expect_refused("damaged");
}

TEST(LedgerWriter, MakesTheTablesInAFileThatAKillLeftEmpty) {
  LedgerScene scene;
  scene.close();
  std::filesystem::remove(ledger_path(scene.files.directory()));
  FolderFiles::write(ledger_path(scene.files.directory()), "");
  EXPECT_EQ(must(LedgerReader::open(state_in(scene.files.directory()))), nullptr);
  scene.open();
  scene.job(1);
  EXPECT_EQ(scene.page(1, {kA}).size(), 1U);
}

TEST(LedgerWriter, SaysThatTheDiskIsReadOnly) {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", path.c_str(), "tmpfs", 0, "") != 0) {
    GTEST_SKIP() << "no mount namespace of its own: " << std::strerror(errno);
  }
  std::filesystem::create_directories(state_folder(path));
  ASSERT_EQ(mount("tmpfs", path.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, ""), 0) << std::strerror(errno);
  EXPECT_EQ(LedgerWriter::open(state_in(path)).error().code, EROFS);
  umount2(path.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace doutu

// Folders that a crawl cannot use: one clear line, exit status 1, and nothing of the user's is touched.

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "shared/ledger/sqlite.h"
#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

class BadFolder : public CrawlTest {
 protected:
  void expect_refused(const std::string& named) {
    const Ended ended = crawl("1");
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(ended.err.starts_with("doutu: ")) << ended.err;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_NE(ended.err.find(named), std::string::npos) << ended.err;
    EXPECT_EQ(site_.log().size(), 0U) << "refused before anything was asked of the site";
  }

  /// A folder with a finished crawl, its ledger changed so.
  template <class Change>
  void with_ledger(Change change) {
    make_meme_site(site_, {.pages = 1, .images_per_page = 3});
    ASSERT_EQ(crawl("1").status, 0);
    site_.forget_log();
    std::string ledger = read_file(folder_.state("ledger.sqlite"));
    ASSERT_GT(ledger.size(), 4096U);
    change(ledger);
    write_file(folder_.state("ledger.sqlite"), ledger);
    const auto images = folder_.images();
    expect_refused("ledger.sqlite");
    EXPECT_EQ(read_file(folder_.state("ledger.sqlite")), ledger) << "the ledger was touched";
    EXPECT_EQ(folder_.images(), images);
  }
};

TEST_F(BadFolder, FileInPlaceOfTheFolder) {
  write_file(folder_.path(), "a file");
  expect_refused("out");
  EXPECT_EQ(read_file(folder_.path()), "a file");
}

TEST_F(BadFolder, FileInPlaceOfTheStateFolder) {
  fs::create_directories(folder_.path());
  write_file(folder_.path() + "/.doutu", "a file");
  expect_refused(".doutu");
  EXPECT_EQ(read_file(folder_.path() + "/.doutu"), "a file");
}

TEST_F(BadFolder, NotTheUsersToWrite) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::create_directories(folder_.path());
  fs::permissions(folder_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  expect_refused("out");
  fs::permissions(folder_.path(), fs::perms::owner_all);
}

TEST_F(BadFolder, OnAFileSystemThatCannotBeWritten) {
  write_file(temporary_ / "x", "");
  const Ended ended = run_doutu({"crawl", site_.url("/{page}"), "--directory", "/proc/doutu-cannot-be-here"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.err.find("/proc/doutu-cannot-be-here"), std::string::npos) << ended.err;
}

TEST_F(BadFolder, LedgerOfANewerVersion) {
  // user_version is the big-endian number at offset 60 (sqlite.org/fileformat2.html section 1.3).
  with_ledger([](std::string& ledger) { ledger[62] = 1; });
}

TEST_F(BadFolder, LedgerThatIsNone) {
  with_ledger(
      [](std::string& ledger) { ledger = "Dear diary, this is no database at all.\n" + std::string(5000, '.'); });
}

TEST_F(BadFolder, DatabaseOfAnotherProgram) {
  // application_id is at offset 68.
  with_ledger([](std::string& ledger) { ledger.replace(68, 4, "\x12\x34\x56\x78"); });
}

TEST_F(BadFolder, LedgerWhoseTablesAreNotOurs) {
  with_ledger([this](std::string& ledger) {
    const std::string edited = temporary_ / "edited";
    std::filesystem::create_directory(edited);
    {
      const StateFolder folder = *StateFolder::make(edited);
      write_file(edited + "/.doutu/ledger.sqlite", ledger);
      auto db = *Database::open(folder, Database::Mode::create);
      ASSERT_TRUE(
          db.execute("DROP VIEW images; CREATE VIEW images AS WITH RECURSIVE n(id) AS"
                     " (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n"));
    }
    ledger = read_file(edited + "/.doutu/ledger.sqlite");
  });
}

TEST_F(BadFolder, LedgerThatIsDamaged) {
  with_ledger([](std::string& ledger) { std::fill(ledger.begin() + 100, ledger.end(), '\x5a'); });
}

TEST_F(BadFolder, LedgerThatIsCutOff) {
  with_ledger([](std::string& ledger) { ledger.resize(ledger.size() / 2); });
}

}  // namespace
}  // namespace doutu

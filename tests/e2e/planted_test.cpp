// What others put into DIR/.doutu in place of doutu's files: nothing outside is touched, and crawl and status end at
// once, with a line that says what is where.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/crawl_fixture.h"
#include "tests/site/planted.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using testing::HasSubstr;

class PlantedEntry : public CrawlTest {
 protected:
  static constexpr seconds kAtOnce{5 * kPatience};

  PlantedEntry() { make_meme_site(site_, {.pages = 1, .images_per_page = 3}); }
  void TearDown() override {
    fs::remove_all(folder_.path());
    CrawlTest::TearDown();
  }

  [[nodiscard]] std::string victim() const { return temporary_ / "victim"; }
  [[nodiscard]] Ended crawl_at_once() const { return CrawlRun(command("1")).wait(kAtOnce); }

  void expect_refused(const std::string& message) {
    for (const Ended& ended : {crawl_at_once(), CrawlRun({"status", "--directory", folder_.path()}).wait(kAtOnce)}) {
      EXPECT_EQ(ended.status, 1) << message;
      EXPECT_THAT(ended.err, HasSubstr(message));
      EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    }
    EXPECT_EQ(site_.log().size(), 0U) << "refused before anything was asked of the site";
  }
};

/// Another thing in each place: state_folder_test.cpp has each in each.
TEST_F(PlantedEntry, InPlaceOfAFileEndsTheCrawlAtOnce) {
  fs::create_directories(folder_.state(""));
  std::size_t next = 0;
  for (const char* name : {"lock", "ledger.sqlite", "ledger.sqlite-wal", "report.json", "status.json", "failures.jsonl",
                           "images.jsonl", "crawl.log", "incoming"}) {
    const Planted planted = kPlanted.at(next++ % kPlanted.size());
    if (!plant(planted, folder_.state(name), victim())) continue;
    expect_refused(fmt::format("{} is {}", folder_.state(name), word_for(planted)));
    EXPECT_TRUE(is_untouched(planted, victim())) << name;
    fs::remove_all(folder_.state(name));
  }
}

TEST_F(PlantedEntry, InPlaceOfTheStateFolderEndsTheCrawlAtOnce) {
  fs::create_directories(folder_.path());
  fs::create_directory(victim());
  fs::create_directory_symlink(victim(), folder_.path() + "/.doutu");
  expect_refused(".doutu is a symbolic link");
  EXPECT_TRUE(fs::is_empty(victim()));
}

TEST_F(PlantedEntry, UnderATemporaryNameGivesWay) {
  for (const Planted planted : {Planted::link, Planted::fifo, Planted::socket}) {
    for (const std::string& path : {folder_.path(), victim()}) fs::remove_all(path);
    fs::create_directories(folder_.state("incoming"));
    for (const char* name : {"report.json.new", "status.json.new", "failures.jsonl.new", "incoming/1", "incoming/2",
                             "incoming/probe", "incoming/x"}) {
      (void)plant(planted, folder_.state(name), victim());
    }
    const Ended ended = crawl_at_once();
    EXPECT_EQ(ended.status, 0) << word_for(planted) << ": " << ended.err;
    EXPECT_EQ(folder_.images().size(), 3U);
    EXPECT_TRUE(is_untouched(planted, victim()));
  }
}

TEST_F(PlantedEntry, AFolderInPlaceOfAnImageEndsTheCrawlAtOnce) {
  fs::create_directories(folder_.state("incoming/1"));
  const Ended ended = crawl_at_once();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("incoming/1 is a folder; remove it"));
}

TEST_F(PlantedEntry, ALedgerThatHasAnotherNameIsNotWritten) {
  ASSERT_EQ(crawl("1").status, 0);
  site_.forget_log();
  fs::create_hard_link(folder_.state("ledger.sqlite"), victim());
  const std::string before = read_file(victim());
  const Ended ended = crawl_at_once();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("is a hard link, so a file elsewhere would change"));
  EXPECT_EQ(read_file(victim()), before);
}

TEST_F(PlantedEntry, ALinkInPlaceOfTheFolderItselfIsTheUsersOwn) {
  fs::create_directory(temporary_ / "big-disk");
  fs::create_directory_symlink(temporary_ / "big-disk", folder_.path());
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_TRUE(fs::exists(temporary_ / "big-disk/.doutu/report.json"));
}

/// Of .doutu and all in it; images are as the umask says.
TEST_F(PlantedEntry, NobodyElseMayReadWhatACrawlKeeps) {
  for (const mode_t mask : {0U, 022U}) {
    fs::remove_all(folder_.path());
    const mode_t before = ::umask(mask);
    const Ended ended = crawl("1");
    ::umask(before);
    ASSERT_EQ(ended.status, 0);
    EXPECT_EQ(static_cast<unsigned>(fs::status(folder_.state("")).permissions()), 0700U);
    for (const auto& entry : fs::recursive_directory_iterator(folder_.state(""))) {
      const auto mode = static_cast<unsigned>(entry.status().permissions());
      EXPECT_EQ(mode, entry.is_directory() ? 0700U : 0600U) << entry.path();
    }
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      EXPECT_EQ(static_cast<unsigned>(entry.status().permissions()), 0666U & ~mask);
    }
  }
}

}  // namespace
}  // namespace doutu

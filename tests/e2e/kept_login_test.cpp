// A password in the URL, and a file system that keeps nothing from other users: the password is not in the folder.

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>

#include "tests/e2e/crawl_fixture.h"
#include "tests/site/loop_mount.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class KeptLogin : public CrawlTest {
 protected:
  KeptLogin() {
    image("/img/1.png", 1);
    list(1, {"/img/1.png", "../img/1.png"});
  }

  void put_the_folder_on_exfat() {
    disk_ = std::make_unique<LoopMount>(temporary_ / "image", folder_.path(), "16", "mkfs.exfat", kMountExfat);
    if (!disk_->is_mounted()) GTEST_SKIP() << "no exFAT on a loop device: it takes root and mkfs.exfat";
  }
  void TearDown() override {
    disk_.reset();
    CrawlTest::TearDown();
  }

  [[nodiscard]] Ended crawl_with(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {"crawl", "--directory", folder_.path(), "--progress", "none"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return CrawlRun(all, "", {{"XDG_STATE_HOME", temporary_ / "state"}}).wait();
  }
  [[nodiscard]] Ended crawl_with_password(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"http://me:sesame@127.0.0.1:" + std::to_string(site_.port()) + "/list/{page}",
                                    "--pages", "1", "--xpath", std::string(kMemeXpath)};
    all.insert(all.end(), more.begin(), more.end());
    return crawl_with(all);
  }

  void expect_login_sent(const std::string& value) {
    for (const char* path : {"/list/1", "/img/1.png"}) {
      for (const Hit& hit : site_.log()) {
        if (hit.path != path) continue;
        EXPECT_EQ(hit.header("authorization"), value) << path;
      }
    }
    EXPECT_GT(site_.count("/list/1"), 0U);
    site_.forget_log();
  }
  [[nodiscard]] bool is_in_folder(const std::string& text) const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (entry.is_regular_file() && read_file(entry.path().string()).find(text) != std::string::npos) return true;
    }
    return false;
  }

  std::unique_ptr<LoopMount> disk_;
};

TEST_F(KeptLogin, BelongsToTheCommandThatGoesOnWithTheCrawl) {
  put_the_folder_on_exfat();
  if (IsSkipped()) return;
  for (const int number : {2, 3}) image("/img/" + std::to_string(number) + ".png", static_cast<std::uint64_t>(number));
  list(1, {"/img/1.png", "/img/2.png", "/img/3.png"});
  EXPECT_EQ(crawl_with_password({"--max-images", "1", "--wait", "0.05"}).status, 9);
  const Ended other = crawl_with({site_.url("/list/1"), "--xpath", std::string(kMemeXpath)});
  EXPECT_THAT(other.err, HasSubstr("to continue it: doutu crawl 'http://127.0.0.1:"));
  EXPECT_THAT(other.err, HasSubstr(", with its login in the URL, and with "));
}

TEST_F(KeptLogin, IsKeptWithTheUserWhereTheFolderKeepsNothingPrivate) {
  put_the_folder_on_exfat();
  if (IsSkipped()) return;
  const Ended first = crawl_with_password();
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err,
              HasSubstr("the password of the URL is not stored there; it is stored in " + (temporary_ / "state")));
  expect_login_sent("Basic bWU6c2VzYW1l");
  EXPECT_FALSE(is_in_folder("sesame"));

  const Ended second = crawl_with({});
  EXPECT_EQ(second.status, 0) << second.err;
  expect_login_sent("Basic bWU6c2VzYW1l");
  EXPECT_FALSE(is_in_folder("sesame"));
  EXPECT_EQ(folder_.images().size(), 1U);
}

/// Which kept the login in the ledger on every file system, as this one does where it is the user's alone.
TEST_F(KeptLogin, GoesOnWithAnUnfinishedCrawlOfAVersionBeforeAndSaysWhereThePasswordStands) {
  site_.delay_all(std::chrono::seconds(5));
  {
    CrawlRun run({"crawl", "--directory", temporary_ / "before",
                  "http://me:sesame@127.0.0.1:" + std::to_string(site_.port()) + "/list/{page}", "--pages", "1",
                  "--xpath", std::string(kMemeXpath)});
    ASSERT_TRUE(site_.wait_for_under("/list/", 1));
    run.signal(SIGINT);
    ASSERT_EQ(run.wait().status, 130);
  }
  site_.delay_all(std::chrono::seconds(0));
  site_.forget_log();
  put_the_folder_on_exfat();
  if (IsSkipped()) return;
  fs::copy(temporary_ / "before", folder_.path(), fs::copy_options::recursive);

  const Ended ended = crawl_with({});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err,
              HasSubstr("an earlier version of doutu stored the password of the URL in " + folder_.state("")));
  EXPECT_THAT(ended.err, Not(HasSubstr("is not stored there")));
  EXPECT_THAT(read_file(folder_.state("report.json")), HasSubstr("\"job\": 1,"));
  expect_login_sent("Basic bWU6c2VzYW1l");
}

TEST_F(KeptLogin, IsMissedWhereTheFolderWasMoved) {
  put_the_folder_on_exfat();
  if (IsSkipped()) return;
  EXPECT_EQ(crawl_with_password().status, 0);
  fs::remove_all(temporary_ / "state");  // for this path, that is
  const Ended ended = crawl_with({});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("to send it, give the URL with user and password"));
}

TEST_F(KeptLogin, GivesWayToAHeaderOfTheUsers) {
  put_the_folder_on_exfat();
  if (IsSkipped()) return;
  EXPECT_EQ(crawl_with_password({"-H", "authorization: Bearer x"}).status, 0);
  expect_login_sent("Bearer x");
}

TEST_F(KeptLogin, IsInTheLedgerWhereOnlyTheUserCanReadIt) {
  const Ended ended = crawl_with_password();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, Not(HasSubstr("password of the URL")));
  EXPECT_FALSE(fs::exists(temporary_ / "state"));
  expect_login_sent("Basic bWU6c2VzYW1l");
}

}  // namespace
}  // namespace doutu

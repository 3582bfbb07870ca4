// What a folder remembers of the command that ran last, through kills, damage and other versions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;

class FolderMemory : public CrawlTest {
 protected:
  /// Exit status 9, with one image of pages 1 to 4.
  void begin_four_pages() {
    make_meme_site(site_, {.pages = 10, .images_per_page = 2});
    ASSERT_EQ(crawl("1-4", {"--max-images", "1", "--wait", "0.05"}).status, 9);
  }
  /// As a kill leaves it that falls between what the folder remembers and the ledger: all but the memory is as before.
  template <class Run>
  void kill_behind_the_memory(Run run) {
    const auto before = temporary_ / "before";
    std::filesystem::copy(folder_.state(""), before, std::filesystem::copy_options::recursive);
    run();
    std::filesystem::rename(folder_.state("command"), temporary_ / "command");
    std::filesystem::remove_all(folder_.state(""));
    std::filesystem::rename(before, folder_.state(""));
    std::filesystem::rename(temporary_ / "command", folder_.state("command"));
    site_.forget_log();
  }
  [[nodiscard]] Ended go_on(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"crawl", "--directory", folder_.path(), "--progress", "none"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_doutu(arguments);
  }
};

TEST_F(FolderMemory, IsOfAJobThatWasKilledBeforeTheLedgerHadIt) {
  make_meme_site(site_, {.pages = 6, .images_per_page = 1});
  ASSERT_EQ(crawl("1-4").status, 0);
  for (const char* name : {"ledger.sqlite", "report.json", "status.json"}) {
    std::filesystem::remove(folder_.state(name));
  }
  site_.forget_log();
  const Ended ended = go_on({"--pages", "6"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("continuing pages 1-4,6 of"));
  EXPECT_EQ(site_.count_under("/list/"), 5U);
}

TEST_F(FolderMemory, HasPagesThatWereAddedToAJobBeforeTheLedgerHadThem) {
  begin_four_pages();
  kill_behind_the_memory([&] {
    EXPECT_EQ(go_on({"--pages", "6-7", "--forget", "max-images", "--forget", "wait"}).status, 0);
  });
  const Ended ended = go_on();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("continuing pages 1-4,6-7 of"));
  EXPECT_THAT(ended.err, Not(HasSubstr("unfinished")));
  EXPECT_EQ(folder_.images().size(), 12U);
}

TEST_F(FolderMemory, NamesAJobThatTheLedgerNeverHad) {
  begin_four_pages();
  kill_behind_the_memory([&] {
    EXPECT_EQ(go_on({"--pages", "6-7", "--forget", "max-images", "--forget", "wait"}).status, 0);
  });
  const Ended ended = run_doutu(
      {"crawl", site_.url("/other/{page}"), "--pages", "9", "--directory", folder_.path(), "--progress", "none"});
  EXPECT_THAT(ended.err, HasSubstr("/list/{page}' --pages 1-4,6-7 ")) << "and not the job without these pages alone";
}

TEST_F(FolderMemory, SendsHeadersAndCookiesAlsoAfterAKill) {
  make_meme_site(site_, {.pages = 6, .images_per_page = 10});
  site_.delay_all(std::chrono::milliseconds(10));
  const std::string secret = temporary_ / "secret";
  write_file(secret, "Cookie: session=sesame\nX-Key: 1\n");
  auto run = start("1-6", {"-H", "@" + secret, "--user-agent", "me"});
  ASSERT_TRUE(site_.wait_for_under("/list/", 1));
  std::filesystem::remove(secret);
  for (std::size_t images = 3; images <= 51; images += 12) {
    EXPECT_TRUE(eventually([&] { return site_.count_under("/img/") >= images || !run->running(); }));
    run->signal(SIGKILL);
    (void)run->wait();
    run = std::make_unique<CrawlRun>(
        std::vector<std::string>{"crawl", "--directory", folder_.path(), "--progress", "none"});
  }
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), 60U);
  for (const Hit& hit : site_.log()) {
    EXPECT_EQ(hit.header("cookie"), "session=sesame") << hit.path;
    EXPECT_EQ(hit.header("x-key"), "1") << hit.path;
    EXPECT_EQ(hit.header("user-agent"), "me") << hit.path;
  }
}

/// The site is behind a proxy: a request that does not go there finds nothing.
TEST_F(FolderMemory, SendsAllThatItRemembersThroughTwentyKills) {
  constexpr int kPages = 8;
  constexpr int kImages = 10;
  const std::string gallery = "http://gallery.example";
  for (int page = 1; page <= kPages; ++page) {
    std::vector<std::string> urls;
    for (int i = 0; i < kImages; ++i) {
      urls.push_back(gallery + "/img/" + std::to_string(page) + "-" + std::to_string(i) + ".png");
      image(urls.back(), static_cast<std::uint64_t>(page * kImages + i));
    }
    site_.page(gallery + "/list/" + std::to_string(page), list_page(urls));
  }
  const std::string proxy = site_.url();
  auto run = std::make_unique<CrawlRun>(
      std::vector<std::string>{"crawl", gallery + "/list/{page}", "--pages", "1-8", "--xpath", std::string(kMemeXpath),
                               "--directory", folder_.path(), "--progress", "none", "--proxy", proxy, "--wait", "0.02",
                               "--header", "Cookie: session=sesame", "--header", "X-Key: 1"});
  int kills = 0;
  for (std::size_t asked = 4; kills < 20; asked += 4, ++kills) {
    EXPECT_TRUE(eventually([&] { return site_.count_under(gallery) >= asked || !run->running(); }));
    ASSERT_TRUE(run->running()) << "ended before kill " << kills << ": " << run->wait().err;
    run->signal(SIGKILL);
    (void)run->wait();
    run = std::make_unique<CrawlRun>(
        std::vector<std::string>{"crawl", "--directory", folder_.path(), "--progress", "none"});
  }
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), kPages * kImages);
  std::vector<std::chrono::steady_clock::duration> gaps;
  std::optional<std::chrono::steady_clock::time_point> last;
  for (const Hit& hit : site_.log()) {
    EXPECT_TRUE(hit.path.starts_with(gallery)) << hit.path;
    EXPECT_EQ(hit.header("cookie"), "session=sesame") << hit.path;
    EXPECT_EQ(hit.header("x-key"), "1") << hit.path;
    if (!hit.path.starts_with(gallery + "/img/")) continue;
    if (last) gaps.push_back(hit.asked - *last);
    last = hit.asked;
  }
  std::ranges::sort(gaps);
  EXPECT_GE(gaps.at(gaps.size() / 4), std::chrono::milliseconds(10)) << "without --wait they would be 1 ms or less";
}

TEST_F(FolderMemory, IsItsOwnersAlone) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  ASSERT_EQ(crawl("1", {"-H", "Cookie: session=sesame"}).status, 0);
  const auto mode = std::filesystem::status(folder_.state("command")).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  for (const char* name : {"crawl.log", "report.json", "status.json", "failures.jsonl", "ledger.sqlite"}) {
    EXPECT_THAT(read_file(folder_.state(name)), Not(HasSubstr("sesame"))) << name;
  }
}

TEST_F(FolderMemory, ThatIsDamagedIsNotGuessed) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  ASSERT_EQ(crawl("1").status, 0);
  const std::string whole = read_file(folder_.state("command"));
  for (const std::string& damaged :
       {std::string(), whole.substr(0, whole.size() / 2), "doutu command 2" + whole, std::string(2 << 20, 'x')}) {
    write_file(folder_.state("command"), damaged);
    const Ended ended = run_doutu({"crawl", "--directory", folder_.path(), "--progress", "none"});
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.err, HasSubstr("/.doutu/command is damaged; give the URL and the options"));
  }
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(go_on().status, 0);
}

TEST_F(FolderMemory, OfANewerVersionSaysSo) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  ASSERT_EQ(crawl("1").status, 0);
  std::string newer = read_file(folder_.state("command"));
  newer.replace(0, std::string("doutu command 2").size(), "doutu command 9");
  write_file(folder_.state("command"), newer);
  const Ended ended = run_doutu({"crawl", "--directory", folder_.path(), "--progress", "none"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err,
              HasSubstr("/.doutu/command was written by a newer version of doutu; use that version, or give"));
}

TEST_F(FolderMemory, ThatMayNotBeReadSaysSo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  ASSERT_EQ(crawl("1").status, 0);
  std::filesystem::permissions(folder_.state("command"), std::filesystem::perms::none);
  const Ended ended = run_doutu({"crawl", "--directory", folder_.path(), "--progress", "none"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("Permission denied; run chmod u+r " + folder_.state("command")));
  EXPECT_THAT(ended.err, Not(HasSubstr("damaged")));
}

TEST_F(FolderMemory, ForgetsAFlagOfAnotherVersion) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  ASSERT_EQ(crawl("1").status, 0);
  std::string command = read_file(folder_.state("command"));
  command.insert(command.size() - 1, std::string("--frobnicate\0007\0", 15));
  write_file(folder_.state("command"), command);
  const std::vector<std::string> again = {"crawl", "--directory", folder_.path(), "--progress", "none"};
  const Ended refused = run_doutu(again);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("a remembered option is not valid any more: unknown option \"--frobnicate\""));
  auto forgetting = again;
  forgetting.insert(forgetting.end(), {"--forget", "frobnicate"});
  EXPECT_EQ(run_doutu(forgetting).status, 0);
  EXPECT_EQ(run_doutu(again).status, 0);
}

TEST_F(FolderMemory, ThatIsNoFileEndsWith1WithAUrlAndWithout) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  for (const bool is_folder : {true, false}) {
    std::filesystem::create_directories(folder_.state(""));
    if (is_folder) std::filesystem::create_directory(folder_.state("command"));
    if (!is_folder) std::filesystem::create_symlink("/etc/passwd", folder_.state("command"));
    for (const Ended& ended : {crawl("1"), run_doutu({"crawl", "--directory", folder_.path(), "--progress", "none"})}) {
      EXPECT_EQ(ended.status, 1);
      EXPECT_THAT(ended.err, HasSubstr(is_folder ? "/.doutu/command is a folder, but must be a file; remove it"
                                                 : "/.doutu/command is a symbolic link, but must be a file"));
    }
    std::filesystem::remove_all(folder_.path());
  }
}

TEST_F(FolderMemory, OfAVersionThatKeptNoFlagsIsTheLedgersLastCrawl) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 1});
  ASSERT_EQ(crawl("1-2").status, 0);
  std::filesystem::remove(folder_.state("command"));
  const Ended ended = run_doutu({"crawl", "--directory", folder_.path(), "--progress", "none"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err, HasSubstr("pages 1-2 of " + site_.url("/list/{page}")));
  EXPECT_THAT(ended.err, HasSubstr("the folder does not remember the options of this crawl; give"));
}

TEST_F(FolderMemory, OfAnotherSiteIsNotTheCaseStudys) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  const Ended first =
      run_doutu({"crawl", site_.url("/list/{page}"), "-p", "1", "--progress", "none"}, temporary_.path());
  ASSERT_THAT(first.err, HasSubstr("into img"));
  site_.forget_log();
  const Ended ended = run_doutu({"crawl", "-p", "2", "--progress", "none"}, temporary_.path());
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(
      ended.err,
      HasSubstr(
          "img has the images of another site. To continue with that site: doutu crawl --directory img --pages 1."));
  EXPECT_THAT(ended.err, HasSubstr("doutu crawl 'https://www.pkdoutu.com/photo/list/?page={page}' --pages 2 --xpath"));
  EXPECT_TRUE(site_.log().empty());
}

}  // namespace
}  // namespace doutu

// .doutu/images.jsonl: one line for each image that has its name, whatever happened before.

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ImagesFile : public CrawlTest {
 protected:
  [[nodiscard]] std::string path() const { return folder_.state("images.jsonl"); }
  [[nodiscard]] std::string content() const { return read_file(path()); }
  /// After a crawl of twelve images; what the next one makes of the file in this state.
  void is_made_anew(const std::function<void(const std::string& whole)>& spoil) {
    make_meme_site(site_, {.pages = 3, .images_per_page = 4});
    ASSERT_EQ(crawl("1-3").status, 0);
    ASSERT_THAT(folder_.wrong_image_lines(), IsEmpty());
    const std::string whole = content();
    spoil(whole);
    ASSERT_NE(content(), whole);
    const Ended ended = crawl("1-3");
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
    EXPECT_EQ(folder_.image_lines().size(), 12U);
    EXPECT_EQ(ended.err.find("images.jsonl"), std::string::npos) << "nothing that the user has to know";
  }
};

TEST_F(ImagesFile, HasALineForEachImage) {
  image("/%E5%9B%BE/%E7%86%8A%20%E7%8C%AB.png", 1);
  image("/b.png", 2);
  list(3, {"/图/熊 猫.png", "/b.png", "/missing.png", "mailto:a@example.com", "/b.png"});
  ASSERT_EQ(crawl("3").status, 3);
  EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
  auto lines = folder_.image_lines();
  ASSERT_EQ(lines.size(), 2U);
  std::ranges::sort(lines, {}, &ImageLine::file);
  EXPECT_EQ(lines[0].url, site_.url("/b.png"));
  EXPECT_EQ(lines[1].file, "熊 猫.png");
  EXPECT_EQ(lines[1].url, site_.url("/%E5%9B%BE/%E7%86%8A%20%E7%8C%AB.png"));
  EXPECT_EQ(lines[1].page, 3U);
  EXPECT_EQ(lines[1].hash, xxh128(read_file(folder_.path() + "/熊 猫.png")));
  EXPECT_GT(lines[1].width, 0U);
  EXPECT_GT(lines[1].height, 0U);
  const std::string text = content();
  EXPECT_TRUE(std::ranges::all_of(text, [](char byte) { return byte == '\n' || (byte >= 0x20 && byte < 0x7f); }));
}

TEST_F(ImagesFile, HasTheChecksumThatTheUserAsksFor) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 2});
  ASSERT_EQ(crawl("1", {"--checksum", "sha256"}).status, 0);
  ASSERT_EQ(crawl("2", {"--checksum", "xxh128"}).status, 0);
  EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
  std::vector<std::size_t> digits;
  for (const ImageLine& line : folder_.image_lines()) digits.push_back(line.hash.size());
  EXPECT_THAT(digits, ElementsAre(64, 64, 32, 32));
}

TEST_F(ImagesFile, IsItsOwnersAlone) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  ASSERT_EQ(crawl("1").status, 0);
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(ImagesFile, SaysNoSecrets) {
  image("/a.png?token=sesame", 1);
  list(1, {"/a.png?token=sesame"});
  ASSERT_EQ(crawl("1").status, 0);
  EXPECT_THAT(content(), HasSubstr("token=***"));
  EXPECT_THAT(content(), Not(HasSubstr("sesame")));
}

TEST_F(ImagesFile, NamesTheFileOfEachUrlAlsoOfEqualBytes) {
  image("/a.png", 1);
  image("/b.png", 1);
  image("/x/a.png", 1);
  list(1, {"/a.png", "/b.png", "/x/a.png"});
  ASSERT_EQ(crawl("1", {"-j", "1"}).status, 0);
  EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
  const auto lines = folder_.image_lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(std::ranges::count(lines, "a.png", &ImageLine::file), 2);
  EXPECT_EQ(std::ranges::count(lines, "b.png", &ImageLine::file), 1);
}

TEST_F(ImagesFile, GrowsWhileTheCrawlRuns) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 4});
  site_.hold("/img/4.png");
  const auto run = start("1");
  EXPECT_TRUE(eventually([&] { return std::ranges::count(content(), '\n') == 3; }));
  site_.release("/img/4.png");
  EXPECT_EQ(run->wait().status, 0);
  EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
}

TEST_F(ImagesFile, IsOfAllJobsOfTheFolder) {
  make_meme_site(site_, {.pages = 4, .images_per_page = 5});
  ASSERT_EQ(crawl("1-2").status, 0);
  const std::string first = content();
  ASSERT_EQ(crawl("2-4").status, 0);
  EXPECT_TRUE(content().starts_with(first)) << "it is added to, not made anew";
  EXPECT_EQ(folder_.image_lines().size(), 20U);
  EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
}

TEST_F(ImagesFile, IsLeftAloneWhereALaterJobMeetsAnImageOnAnotherPage) {
  image("/a.png", 1);
  list(1, {"/a.png"});
  list(2, {"/a.png"});
  ASSERT_EQ(crawl("1").status, 0);
  const std::string first = content();
  ASSERT_EQ(crawl("2").status, 0);
  ASSERT_EQ(crawl("2").status, 0);
  EXPECT_EQ(content(), first);
}

TEST_F(ImagesFile, ThatCannotBeWrittenIsCompletedByALaterCrawl) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes everything";
  make_meme_site(site_, {.pages = 3, .images_per_page = 4});
  ASSERT_EQ(crawl("1").status, 0);
  const std::string first = content();
  ASSERT_EQ(::chmod(path().c_str(), 0444), 0);
  const Ended ended = crawl("2");
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err,
              HasSubstr(path() + ": Permission denied; images.jsonl lacks images of this crawl; run chmod u+w "
                                 "on it, and the next crawl completes it"));
  EXPECT_THAT(ended.err, Not(HasSubstr("is empty")));
  EXPECT_EQ(content(), first);
  ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  ASSERT_EQ(crawl("3").status, 0);
  EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
  EXPECT_EQ(folder_.image_lines().size(), 12U);
}

TEST_F(ImagesFile, ThatWasDeletedIsMadeAnew) {
  is_made_anew([&](const std::string&) { std::filesystem::remove(path()); });
}
TEST_F(ImagesFile, ThatIsEmptyIsMadeAnew) {
  is_made_anew([&](const std::string&) { write_file(path(), ""); });
}
TEST_F(ImagesFile, ThatIsTornIsMadeAnew) {
  is_made_anew([&](const std::string& whole) { write_file(path(), whole.substr(0, whole.size() - 7)); });
}
TEST_F(ImagesFile, ThatLacksItsNewlineIsMadeAnew) {
  is_made_anew([&](const std::string& whole) { write_file(path(), whole.substr(0, whole.size() - 1)); });
}
TEST_F(ImagesFile, ThatLacksItsLastLineIsMadeAnew) {
  is_made_anew(
      [&](const std::string& whole) { write_file(path(), whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1)); });
}
TEST_F(ImagesFile, BehindWhichSomebodyWroteIsMadeAnew) {
  is_made_anew([&](const std::string& whole) { write_file(path(), whole + "{}\n"); });
}

TEST_F(ImagesFile, IsWholeAfterKills) {
  const MemeSite memes = make_meme_site(site_, {.pages = 6, .images_per_page = 20});
  site_.delay_all(std::chrono::milliseconds(5));
  for (std::size_t images = 5; images <= 110; images += 15) {
    const auto run = start("1-6");
    EXPECT_TRUE(eventually([&] { return site_.count_under("/img/") >= images || !run->running(); }));
    for (const pid_t pid : run->children("doutu-downloader")) kill(pid, SIGKILL);
    if (images % 2 == 0) run->signal(SIGKILL);
    EXPECT_TRUE(eventually([&] { return site_.count_under("/img/") >= images + 5 || !run->running(); }));
    run->signal(SIGKILL);
    (void)run->wait();
    ASSERT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  }
  const Ended ended = crawl("1-6");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images(), memes.images);
  EXPECT_THAT(folder_.wrong_image_lines(), IsEmpty());
}

}  // namespace
}  // namespace doutu

// Images that the folder had, and has no more when a new job meets them.

#include <csignal>
#include <filesystem>
#include <set>

#include "tests/e2e/crawl_fixture.h"
#include "tests/site/processes.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

using Images = ReportFile::Images;

class LostFiles : public CrawlTest {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  void cut(const std::string& name, std::size_t bytes) const { fs::resize_file(path(name), bytes); }

  /// A page of so many images was crawled; what the site is asked for from now on is counted.
  MemeSite crawled(int images_per_page) {
    MemeSite memes = make_meme_site(site_, {.pages = 1, .images_per_page = images_per_page});
    EXPECT_EQ(crawl("1").status, 0);
    site_.forget_log();
    return memes;
  }
};

TEST_F(LostFiles, AreFetchedAgainByANewJob) {
  const MemeSite memes = crawled(4);
  fs::remove(path("2.png"));
  fs::create_directory(path("best"));
  fs::rename(path("3.png"), path("best/3.png"));
  const Ended ended = crawl("1");
  EXPECT_EQ(ended.status, 0);
  EXPECT_NE(ended.err.find("--keep-deleted does not fetch them"), std::string::npos) << ended.err;
  EXPECT_EQ(folder_.report().images, (Images{.found = 4, .known = 2, .saved = 2}));
  EXPECT_EQ(site_.count_under("/img/"), 2U);
  fs::remove_all(path("best"));
  EXPECT_EQ(folder_.images(), memes.images);

  EXPECT_EQ(crawl("1").err.find("--keep-deleted"), std::string::npos);
  EXPECT_EQ(folder_.report().images, (Images{.found = 4, .known = 4}));
}

TEST_F(LostFiles, AreLeftByThoseWhoSortByDeleting) {
  crawled(3);
  fs::remove(path("2.png"));
  cut("3.png", 10);
  EXPECT_EQ(crawl("1", {"--keep-deleted"}).status, 0);
  EXPECT_EQ(run_doutu({"crawl", "-d", folder_.path(), "--progress", "none"}).status, 0) << "the folder remembers it";
  EXPECT_EQ(folder_.report().images, (Images{.found = 3, .known = 3}));
  EXPECT_EQ(site_.count_under("/img/"), 0U);
  EXPECT_EQ(folder_.images().size(), 2U);
}

TEST_F(LostFiles, AreThoseThatAreShorterToo) {
  const MemeSite memes = crawled(2);
  cut("2.png", 10);
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = 2, .known = 1, .saved = 1}));
  EXPECT_EQ(folder_.images().at("2-p1-2.png"), memes.images.at("2.png"));
  EXPECT_EQ(fs::file_size(path("2.png")), 10U) << "whatever it is, it is the user's";
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(site_.count_under("/img/"), 1U) << "the image has another file";
}

TEST_F(LostFiles, AreNotThoseThatTheUserWorkedOn) {
  crawled(4);
  write_file(path("1.png"), std::string(fs::file_size(path("1.png")), 'x'));
  write_file(path("2.png"), std::string(100'000, 'x'));
  fs::remove(path("3.png"));
  fs::create_symlink("elsewhere.png", path("3.png"));
  fs::remove(path("4.png"));
  fs::create_directory(path("4.png"));
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = 4, .known = 4}));
  EXPECT_EQ(site_.count_under("/img/"), 0U);
}

TEST_F(LostFiles, AreNotLookedForByAJobThatGoesOn) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 20});
  EXPECT_EQ(crawl("1", {"--max-images", "5", "--downloaders", "1"}).status, 9);
  const auto saved = folder_.images();
  const std::string deleted = saved.begin()->first;
  fs::remove(path(deleted));
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = 20, .saved = 20}));
  EXPECT_FALSE(fs::exists(path(deleted)));
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = 20, .known = 19, .saved = 1}));
  EXPECT_TRUE(fs::exists(path(deleted)));
}

/// Two URLs with the same bytes: a hard link, and one file for both.
TEST_F(LostFiles, OfDuplicatesAreFetchedAgainEach) {
  const std::string bytes = image("/a.png", 1);
  image("/b.png", 1);
  image("/other/a.png", 1);
  list(1, {"/a.png", "/b.png", "/other/a.png"});
  const std::map<std::string, std::string> both = {{"a.png", bytes}, {"b.png", bytes}};
  EXPECT_EQ(crawl("1", {"--downloaders", "1"}).status, 0);
  EXPECT_EQ(folder_.images(), both);

  fs::remove(path("b.png"));
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = 3, .known = 2, .duplicate = 1}));
  EXPECT_EQ(folder_.images(), both);

  fs::remove(path("a.png"));
  EXPECT_EQ(crawl("1").status, 0);
  const Images images = folder_.report().images;
  EXPECT_EQ(images.saved, 1U);
  EXPECT_EQ(images.known + images.duplicate, 2U) << "a.png may be there again when the hit on /other/a.png is counted";
  EXPECT_EQ(folder_.images(), both);

  fs::remove(path("a.png"));
  fs::remove(path("b.png"));
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = 3, .saved = 1, .duplicate = 2}));
  EXPECT_EQ(folder_.images(), both);
}

TEST_F(LostFiles, ThatAPageCarriesComeBackWithIt) {
  site_.page("/list/1", list_page({data_url(small_image(1))}));
  EXPECT_EQ(crawl("1").status, 0);
  const auto saved = folder_.images();
  ASSERT_EQ(saved.size(), 1U);
  fs::remove(path(saved.begin()->first));
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = 1, .saved = 1}));
  EXPECT_EQ(folder_.images(), saved);
}

TEST_F(LostFiles, ThatTheServerHasNoMoreFail) {
  crawled(2);
  fs::remove(path("2.png"));
  site_.respond("/img/2.png", Response{.status = 404});
  EXPECT_EQ(crawl("1").status, 3);
  EXPECT_EQ(folder_.report().images, (Images{.found = 2, .known = 1, .failed = 1}));
}

/// Of each file that is gone the ledger knows that it is to be fetched, or the next start finds that it is gone.
TEST_F(LostFiles, AreAllBackWhateverIsKilled) {
  constexpr int kImages = 300;
  const MemeSite memes = crawled(kImages);
  for (int number = 1; number <= kImages; number += 2) fs::remove(path(std::to_string(number) + ".png"));
  site_.delay_all(std::chrono::milliseconds(5));
  site_.hold("/img/1.png");  // so that the job does not end before
  for (std::size_t kill_after = 1; kill_after < kImages / 2; kill_after += 10) {
    const auto run = start("1", {"--downloaders", "4"});
    ASSERT_TRUE(eventually([&] { return site_.log().size() >= kill_after; }));
    for (const RunningProcess& child : children_of(run->pid())) kill(child.pid, SIGKILL);
    run->signal(SIGKILL);
    run->wait();
  }
  site_.release("/img/1.png");
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.report().images, (Images{.found = kImages, .known = kImages / 2, .saved = kImages / 2}));
  EXPECT_EQ(folder_.images(), memes.images);
  EXPECT_EQ(site_.count("/img/2.png"), 0U);
}

}  // namespace
}  // namespace doutu

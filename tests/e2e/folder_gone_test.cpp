// Somebody deletes, replaces or moves what a crawl works in while it runs: .doutu/incoming is made again, and what
// cannot be mended ends the crawl with a message. No image fails for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

/// A folder in which a crawl goes on making files.
void remove_under_way(const std::filesystem::path& folder) {
  std::error_code trouble;
  do std::filesystem::remove_all(folder, trouble);
  while (trouble);
}

using testing::HasSubstr;

constexpr const char* kInlineImage = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

class FolderGone : public CrawlTest {
 protected:
  static constexpr std::size_t kImages = 40;

  void SetUp() override { memes_ = make_meme_site(site_, {.pages = 2, .images_per_page = kImages / 2}); }

  /// A crawl in whose folder that happens when all is there but what waits for this answer, which comes then.
  template <class Happens>
  Ended crawl_while(const Happens& happens, const std::string& answer = "/img/30.png",
                    std::size_t images = kImages - 1) {
    site_.hold(answer);
    CrawlRun run(command("1-2", {"--retries", "1"}), "", environment_);
    EXPECT_TRUE(eventually([&] { return folder_.images().size() == images; })) << run.err();
    happens();
    site_.release(answer);
    return run.wait();
  }
  void expect_everything(const Ended& ended) {
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(folder_.images(), memes_.images);
    EXPECT_TRUE(folder_.failures().empty());
    EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = kImages, .saved = kImages}));
    EXPECT_TRUE(folder_.leftovers().empty());
  }
  [[nodiscard]] std::string incoming() const { return folder_.state("incoming"); }

  MemeSite memes_;
  std::map<std::string, std::string> environment_;
};

TEST_F(FolderGone, IncomingIsMadeAgain) {
  expect_everything(crawl_while([&] { std::filesystem::remove_all(incoming()); }));
  EXPECT_THAT(read_file(folder_.state("crawl.log")), HasSubstr("creating it again"));
}

TEST_F(FolderGone, IncomingIsMadeAgainHoweverOften) {
  const auto run = start("1-2");
  EXPECT_TRUE(eventually([&] { return !folder_.images().empty(); })) << run->err();
  for (int times = 0; times < 50 && run->running(); ++times) {
    std::error_code whatever;  // The downloader makes files there meanwhile.
    std::filesystem::remove_all(incoming(), whatever);
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(incoming()) || !run->running(); })) << run->err();
  }
  expect_everything(run->wait());
}

TEST_F(FolderGone, IncomingMayBeAnotherFolder) {
  expect_everything(crawl_while([&] {
    std::filesystem::remove_all(incoming());
    std::filesystem::create_directory(incoming());
  }));
}

TEST_F(FolderGone, IncomingIsMadeAgainForAnImageThatAPageCarries) {
  site_.page("/list/2", list_page({kInlineImage}));
  const Ended ended = crawl_while([&] { std::filesystem::remove_all(incoming()); }, "/list/2", kImages / 2);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), kImages / 2 + 1);
}

TEST_F(FolderGone, AFileInPlaceOfIncomingEndsTheCrawlUntilItIsRemoved) {
  const Ended ended = crawl_while([&] {
    std::filesystem::remove_all(incoming());
    write_file(incoming(), "in the way");
  });
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(".doutu/incoming"));
  EXPECT_THAT(ended.err, HasSubstr("Not a directory"));
  EXPECT_EQ(read_file(incoming()), "in the way");
  std::filesystem::remove(incoming());
  expect_everything(crawl("1-2"));
}

TEST_F(FolderGone, ADeletedStateFolderEndsTheCrawl) {
  const Ended ended = crawl_while([&] { remove_under_way(folder_.state("")); });
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(".doutu, with the ledger, was deleted"));
  EXPECT_EQ(folder_.images().size(), kImages - 1);
  expect_everything(crawl("1-2"));
}

TEST_F(FolderGone, ADeletedStateFolderIsNoticedThoughNothingIsLeftToFetch) {
  site_.page("/list/2", list_page({}));
  const Ended ended = crawl_while([&] { remove_under_way(folder_.state("")); }, "/list/2", kImages / 2);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(".doutu, with the ledger, was deleted"));
}

TEST_F(FolderGone, ADeletedFolderEndsTheCrawl) {
  const Ended ended = crawl_while([&] { remove_under_way(folder_.path()); });
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(".doutu, with the ledger, was deleted"));
  expect_everything(crawl("1-2"));
}

TEST_F(FolderGone, AStateFolderThatWasMovedAwayGoesOnWhenItIsBack) {
  const std::string elsewhere = temporary_ / "elsewhere";
  const Ended ended = crawl_while([&] { std::filesystem::rename(folder_.state(""), elsewhere); });
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("or moved during the crawl; put it back"));
  std::filesystem::rename(elsewhere, folder_.state(""));
  expect_everything(crawl("1-2"));
}

TEST_F(FolderGone, AFolderThatWasMovedLosesNothing) {
  const std::string elsewhere = temporary_ / "elsewhere";
  const Ended ended = crawl_while([&] { std::filesystem::rename(folder_.path(), elsewhere); });
  EXPECT_THAT(ended.status, testing::AnyOf(0, 1)) << ended.err;
  EXPECT_FALSE(ended.status == 1 && ended.err.empty());
  std::filesystem::remove_all(folder_.path());
  std::filesystem::rename(elsewhere, folder_.path());
  EXPECT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(folder_.images(), memes_.images);
  EXPECT_TRUE(folder_.failures().empty());
}

/// On a file system that says of every folder that it has no links (no_links.cpp).
class WithoutLinks : public FolderGone {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer's library must be loaded first";
#endif
    FolderGone::SetUp();
    environment_ = {{"LD_PRELOAD", DOUTU_NO_LINKS}, {"DOUTU_NO_LINKS", answers()}};
  }
  [[nodiscard]] std::string answers() const { return temporary_ / "answers"; }
  /// Or the library did not reach the downloader.
  void expect_asked() const { EXPECT_FALSE(read_file(answers()).empty()); }
};

TEST_F(WithoutLinks, ACrawlEndsAsElsewhere) {
  expect_everything(crawl_while([] {}));
  expect_asked();
}

TEST_F(WithoutLinks, IncomingIsMadeAgain) {
  expect_everything(crawl_while([&] { std::filesystem::remove_all(incoming()); }));
  expect_asked();
}

TEST_F(WithoutLinks, ADeletedStateFolderEndsTheCrawl) {
  const Ended ended = crawl_while([&] { remove_under_way(folder_.state("")); });
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(".doutu, with the ledger, was deleted"));
  expect_asked();
}

}  // namespace
}  // namespace doutu

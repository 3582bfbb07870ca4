// Pages that a list or several placeholders name.

#include <filesystem>
#include <fstream>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

class List : public CrawlTest {
 protected:
  List() { make_meme_site(site_, {.pages = 6, .images_per_page = 10}); }

  /// A list with these pages of the site; 0: a line that is no URL.
  std::string list_of(const std::vector<int>& pages) const {
    std::ofstream file(path_);
    file << "# pages\n\n";
    for (const int page : pages) file << (page == 0 ? "no url" : site_.url("/list/" + std::to_string(page))) << "\r\n";
    return path_;
  }
  [[nodiscard]] std::vector<std::string> arguments(const std::vector<std::string>& what) const {
    std::vector<std::string> all = {"crawl", "--directory", folder_.path(), "--progress", "none"};
    all.insert(all.end(), what.begin(), what.end());
    return all;
  }
  [[nodiscard]] std::vector<std::string> of_list(const std::string& file) const {
    return arguments({"--input-file", file, "--xpath", std::string(kMemeXpath)});
  }

  const std::string path_ = temporary_ / "list.txt";
};

TEST_F(List, NamesThePages) {
  EXPECT_EQ(run_doutu(of_list(list_of({2, 5}))).status, 0);
  EXPECT_EQ(folder_.images().size(), 20U);
  EXPECT_EQ(site_.count_under("/list/"), 2U);
}

TEST_F(List, HasALineThatIsNoUrlAsAPageThatFails) {
  EXPECT_EQ(run_doutu(of_list(list_of({2, 0}))).status, 3);
  EXPECT_EQ(folder_.images().size(), 10U);
  EXPECT_NE(read_file(folder_.state("failures.jsonl")).find(R"("url":"no url","page":4,"cause":"bad-url")"),
            std::string::npos);
}

TEST_F(List, GoesOnAfterAKillThoughItsFileIsGone) {
  site_.delay_all(std::chrono::milliseconds(100));
  {
    CrawlRun run(of_list(list_of({1, 2, 3, 4, 5, 6})));
    ASSERT_TRUE(site_.wait_for_under("/list/", 3));
    run.signal(SIGKILL);
    run.wait();
  }
  std::filesystem::remove(path_);
  site_.delay_all(std::chrono::milliseconds(0));
  EXPECT_EQ(run_doutu(arguments({})).status, 0);
  EXPECT_EQ(folder_.images().size(), 60U);
}

TEST_F(List, WithOtherLinesIsAnotherCrawlThatFetchesNoImageAgain) {
  ASSERT_EQ(run_doutu(of_list(list_of({1, 2}))).status, 0);
  site_.forget_log();
  EXPECT_EQ(run_doutu(of_list(list_of({1, 2, 3}))).status, 0);
  EXPECT_EQ(site_.count_under("/img/"), 10U);
  EXPECT_EQ(folder_.images().size(), 30U);
}

TEST_F(List, OfTheCommandLineIsCrawledToo) {
  EXPECT_EQ(
      run_doutu(arguments({site_.url("/list/1"), site_.url("/list/4"), "--xpath", std::string(kMemeXpath)})).status, 0);
  EXPECT_EQ(folder_.images().size(), 20U);
}

TEST_F(List, ThatCannotBeUsedLeavesNoFolder) {
  const Ended ended = run_doutu(of_list(temporary_ / "missing"));
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.err.find("No such file"), std::string::npos) << ended.err;
  EXPECT_FALSE(std::filesystem::exists(folder_.path()));
}

TEST_F(List, IsNotNeededWhereSeveralPlaceholdersNameThePages) {
  EXPECT_EQ(run_doutu(arguments({site_.url("/{what}/{n}"), "--pages", "what=list", "--pages", "n=2-4", "--xpath",
                                 std::string(kMemeXpath)}))
                .status,
            0);
  EXPECT_EQ(folder_.images().size(), 30U);
}

}  // namespace
}  // namespace doutu

// Names that the file system refuses (picky_names.cpp), with each errno that file systems have for it: every image is
// there all the same, under a plain name, and no crawl ends for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

class RefusedNames : public CrawlTest, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer's library must be loaded first";
#endif
  }

  Ended crawl_pickily(const std::string& pages, std::map<std::string, std::string> environment = {}) {
    environment.insert({{"LD_PRELOAD", DOUTU_PICKY_NAMES},
                        {"DOUTU_NAME_ERROR", std::to_string(GetParam())},
                        {"DOUTU_NAME_REFUSALS", refusals()}});
    return CrawlRun(command(pages), "", environment).wait();
  }
  [[nodiscard]] std::string refusals() const { return temporary_ / "refusals"; }
  /// How many names were refused: none would mean that the library did not reach the downloader.
  [[nodiscard]] std::uintmax_t refused() const {
    std::error_code none;
    const std::uintmax_t size = std::filesystem::file_size(refusals(), none);
    return none ? 0 : size;
  }
  [[nodiscard]] std::vector<std::string> hashes() const {
    std::vector<std::string> all;
    for (const auto& [name, hash] : folder_.images()) all.push_back(hash);
    return all;
  }
  static bool is_plain(const std::string& name) {
    return name.find_first_not_of("0123456789abcdef") == 16 && name.substr(16) == ".png";
  }
  [[nodiscard]] std::ptrdiff_t plain_names() const {
    const auto images = folder_.images();
    return std::ranges::count_if(images, [](const auto& image) { return is_plain(image.first); });
  }

  const std::string long_name_ = "/" + std::string(150, 'n') + ".png";
};

TEST_P(RefusedNames, GiveWayToPlainOnes) {
  const std::vector<std::string> all = {image(long_name_, 1), image("/%E8%A1%A8%E6%83%85.png", 2), image("/a.png", 3)};
  list(1, {long_name_, "/%E8%A1%A8%E6%83%85.png", "/a.png"});
  const Ended ended = crawl_pickily("1");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_GE(refused(), 2U);
  EXPECT_THAT(hashes(), testing::UnorderedElementsAreArray(all));
  EXPECT_EQ(plain_names(), 2);
  EXPECT_TRUE(folder_.images().contains("a.png"));
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 3, .saved = 3}));
  EXPECT_TRUE(folder_.leftovers().empty());

  const std::string later = image("/%E7%8C%AB.png", 4);
  list(2, {"/%E7%8C%AB.png", long_name_});
  EXPECT_EQ(crawl_pickily("2").status, 0);
  EXPECT_THAT(hashes(), testing::Contains(later));
  EXPECT_EQ(plain_names(), 3) << "a known image is not fetched again";
}

TEST_P(RefusedNames, OfTheSameBytesTwice) {
  const std::string hash = image("/%E7%8C%AB.png", 1);
  (void)image("/%E7%8B%97.png", 1);
  (void)image("/cat.png", 1);
  list(1, {"/%E7%8C%AB.png", "/%E7%8B%97.png", "/cat.png"});
  const Ended ended = crawl_pickily("1");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_GE(refused(), 2U);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 3, .saved = 1, .duplicate = 2}));
  EXPECT_THAT(hashes(), testing::Each(hash));
  EXPECT_TRUE(folder_.images().contains("cat.png"));
  EXPECT_EQ(plain_names(), 1);
  EXPECT_TRUE(folder_.leftovers().empty());
}

TEST_P(RefusedNames, AreNotTriedWhereTheFileSystemSaysWhatItTakes) {
  const std::string one = image(long_name_, 1);
  const std::string two = image("/x" + long_name_, 2);
  list(1, {long_name_, "/x" + long_name_});
  EXPECT_EQ(crawl_pickily("1", {{"DOUTU_NAME_MAX", "143"}}).status, 0);
  const std::string name = std::string(139, 'n') + ".png";
  const std::string stem(134, 'n');
  const auto other = testing::AnyOf(stem + "-p1-1.png", stem + "-p1-2.png");
  EXPECT_EQ(refused(), 0U);
  EXPECT_THAT(folder_.images(), testing::UnorderedElementsAre(testing::Key(name), testing::Key(other)));
  EXPECT_THAT(hashes(), testing::UnorderedElementsAre(one, two));
}

INSTANTIATE_TEST_SUITE_P(WithEachError, RefusedNames,
                         testing::Values(ENAMETOOLONG, EILSEQ, EINVAL, EPERM, EACCES, ENOENT, EOPNOTSUPP),
                         [](const auto& error) { return std::string(strerrorname_np(error.param)); });

}  // namespace
}  // namespace doutu

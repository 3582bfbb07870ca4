// Where else an image may be: rewritten URLs, alternatives beside it; and images that a list names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/crawler/fetcher/page_fetcher_fixture.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::Pair;

class ImageVariantsTest : public PageFetcherTest {
 protected:
  /// "URL ALTERNATIVE ALTERNATIVE", for each image.
  std::vector<std::string> read(const std::string& body) {
    const RawServer server([&](const std::string&) {
      return RawAnswer{http_answer("<base href=http://e/>" + body), Then::close};
    });
    std::vector<std::string> lines;
    const RecordsOfPage seen = fetch(server.url("/"));
    for (std::size_t i = 0; i < seen.images.size(); ++i) {
      std::string line = seen.images[i].second + " " + seen.alternatives.at(i);
      std::ranges::replace(line, '\n', ' ');
      line.resize(line.find_last_not_of(' ') + 1);
      lines.push_back(line);
    }
    return lines;
  }
};

TEST_F(ImageVariantsTest, ARewrittenUrlComesFirstAndTheOriginalAfterIt) {
  settings_.page.rewrites = {"s|/thumb/|/full/|", R"(s/_s(\.\w+)$/\1/)"};
  EXPECT_THAT(read("<img src=/thumb/1_s.jpg><img src=/other/2.jpg>"),
              ElementsAre("http://e/full/1.jpg http://e/thumb/1_s.jpg", "http://e/other/2.jpg"));
}

TEST_F(ImageVariantsTest, WhatIsNoUrlWhenItIsRewrittenStaysAsItWas) {
  settings_.page.rewrites = {"s/^http:/ftp:/"};
  EXPECT_THAT(read("<img src=1.jpg>"), ElementsAre("http://e/1.jpg"));
}

TEST_F(ImageVariantsTest, AlternativesStandBesideTheImage) {
  settings_.page.xpaths = {"//img/@data-original"};
  settings_.page.alternatives = {"@data-backup", "../a/@href", "@src"};
  EXPECT_THAT(read("<p><img data-original=1 data-backup=1b src=1></p><p><a href=2f></a><img data-original=2></p>"),
              ElementsAre("http://e/1 http://e/1b", "http://e/2 http://e/2f"));
}

TEST_F(ImageVariantsTest, ARewrittenImageHasTheOriginalBeforeItsAlternatives) {
  settings_.page.alternatives = {"@data-backup"};
  settings_.page.rewrites = {"s/small/large/"};
  EXPECT_THAT(read("<img src=small data-backup=other>"), ElementsAre("http://e/large http://e/small http://e/other"));
}

TEST_F(ImageVariantsTest, OfATextAreTheElementAroundIt) {
  settings_.page.xpaths = {"//figure/text()"};
  settings_.page.alternatives = {"@data-b"};
  EXPECT_THAT(read("<figure data-b=b>a</figure>"), ElementsAre("http://e/a http://e/b"));
}

TEST_F(ImageVariantsTest, HaveABound) {
  settings_.page.alternatives = {"@*"};
  std::string many = "<img src=0";
  for (int i = 1; i < 100; ++i) many += " data-" + std::to_string(i) + "=" + std::to_string(i);
  const auto lines = read(many + ">");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LE(std::ranges::count(lines[0], ' '), static_cast<std::ptrdiff_t>(kMaxAlternatives));
}

TEST_F(ImageVariantsTest, AListNamesAnImageOnEachLine) {
  PageTask task{.id = 3, .attempt = 1, .url = "list"};
  task.text = "http://e/1.jpg\r\n\n# no image\n  http://E:80/2.jpg \nnonsense\nftp://e/3";
  EXPECT_EQ(make_fetcher()->fetch(task), PageFetcher::Done::yes);
  const RecordsOfPage seen = take_page(*consumer_);
  EXPECT_THAT(seen.images, ElementsAre(Pair(Cause::none, "http://e/1.jpg"), Pair(Cause::none, "http://e/2.jpg"),
                                       Pair(Cause::bad_url, "nonsense"), Pair(Cause::bad_url, "ftp://e/3")));
  EXPECT_EQ(seen.end.cause, Cause::none);
}

}  // namespace
}  // namespace doutu

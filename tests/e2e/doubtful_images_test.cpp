// Images that come without their end mark though the server sent all that it has: a decoder tells whether every pixel
// is there, and its death harms nobody else.

#include <gmock/gmock.h>
#include <signal.h>

#include "tests/downloader/check/small_jpeg.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/site/processes.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;

class DoubtfulImages : public CrawlTest {
 protected:
  static std::string png(std::size_t less) {
    const std::string whole = small_image(1);
    return whole.substr(0, whole.size() - less);
  }
  std::string url_of(const std::string& path, const std::string& bytes) {
    site_.file(path, bytes);
    return path;
  }
};

TEST_F(DoubtfulImages, AreSavedWhereEveryPixelIsThere) {
  const std::string jpeg = jpeg_without_end_mark();
  list(1, {url_of("/a.jpg", jpeg), url_of("/b.png", png(12)), url_of("/c.png", png(16))});
  const Ended ended = crawl("1", {"--retries", "0"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images(), (std::map<std::string, std::string>{
                                  {"a.jpg", sha256(jpeg)}, {"b.png", sha256(png(12))}, {"c.png", sha256(png(16))}}));
  EXPECT_THAT(ended.out, HasSubstr("3 images without an end mark, but with all pixels"));
  EXPECT_EQ(folder_.report().without_end_mark, 3U);
}

TEST_F(DoubtfulImages, AreNotSavedWhereAPixelIsMissing) {
  list(1, {url_of("/a.jpg", jpeg_without_end_mark().substr(0, jpeg_without_end_mark().size() - 1)),
           url_of("/b.png", png(24))});
  const Ended ended = crawl("1", {"--retries", "0"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, HasSubstr("2 x incomplete-image"));
  EXPECT_THAT(ended.out, Not(HasSubstr("all pixels")));
  EXPECT_TRUE(folder_.images().empty());
}

TEST_F(DoubtfulImages, OfADecoderThatIsKilledAreTriedAgain) {
  std::vector<std::string> urls;
  for (int i = 0; i < 200; ++i) {
    urls.push_back(url_of("/" + std::to_string(i) + ".jpg", jpeg_without_end_mark(std::to_string(i))));
  }
  list(1, urls);
  const auto run = start("1", {"--retries", "20"});
  int kills = 0;
  EXPECT_TRUE(eventually([&] {
    for (const pid_t decoder : run->children("doutu-decoder")) {
      if (::kill(decoder, SIGKILL) == 0) ++kills;
    }
    return kills >= 5 || !run->running();
  }));
  const Ended ended = run->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_GE(kills, 1);
  EXPECT_EQ(folder_.images().size(), 200U);
  EXPECT_TRUE(folder_.report().balances());
}

}  // namespace
}  // namespace doutu

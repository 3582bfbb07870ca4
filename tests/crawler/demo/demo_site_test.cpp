#include "crawler/demo/demo_site.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace doutu {
namespace {

constexpr DemoShape kShape{10, 12};
constexpr std::string_view kHost = "127.0.0.1:8000";

std::string page(int number) { return DemoSite(kShape).answer("/photo/list/?page=" + std::to_string(number), kHost); }

int occurrences(std::string_view text, std::string_view what) {
  int count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

TEST(DemoSite, SaysHowMuchItHas) {
  const DemoSite site(kShape);
  std::set<std::string> paths;
  std::set<std::string> files;
  for (int number = 1; number <= kShape.pages; ++number) {
    for (int hit = 1; hit <= kShape.images_per_page; ++hit) {
      paths.insert(site.image_path(number, hit));
      files.insert(site.image_file(number, hit));
    }
  }
  EXPECT_EQ(site.hits(), 120);
  EXPECT_EQ(static_cast<int>(paths.size()), site.images());
  EXPECT_EQ(static_cast<int>(files.size()), site.contents());
}

TEST(DemoSite, ServesEveryPictureThatItsPagesName) {
  const DemoSite site(kShape);
  for (int number = 1; number <= kShape.pages; ++number) {
    for (int hit = 1; hit <= kShape.images_per_page; ++hit) {
      const std::string answer = site.answer(site.image_path(number, hit), kHost);
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << site.image_path(number, hit);
      EXPECT_EQ(body_of(answer), site.image_file(number, hit));
    }
  }
}

TEST(DemoSite, UnderstandsPercentEncodedPaths) {
  const std::string encoded = "/uploads/2019/03/%E7%86%8A%E7%8C%AB%E5%A4%B4-6.png";
  EXPECT_TRUE(DemoSite(kShape).answer(encoded, kHost).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(DemoSite, WritesLinksInEveryWay) {
  const std::string html = page(1);
  EXPECT_GT(occurrences(html, "=\"../../uploads/"), 0);
  EXPECT_GT(occurrences(html, "=\"/uploads/"), 0);
  EXPECT_GT(occurrences(html, "=\"//127.0.0.1:8000/uploads/"), 0);
  EXPECT_GT(occurrences(html, "=\"http://127.0.0.1:8000/uploads/"), 0);
  EXPECT_GT(occurrences(html, "=\"\n                /uploads/"), 0);
  EXPECT_EQ(occurrences(html, "/uploads/"), 12);
  EXPECT_EQ(occurrences(html, "/ads/"), 6);
}

TEST(DemoSite, AnnouncesTheLengthOfItsAnswers) {
  const std::string answer = page(2);
  const std::string length = "Content-Length: " + std::to_string(body_of(answer).size()) + "\r\n";
  EXPECT_NE(answer.find(length), std::string::npos);
}

TEST(DemoSite, SaysNotFoundForTheRest) {
  const DemoSite site(kShape);
  for (const std::string_view target :
       {"", "/", "/photo/list/?page=0", "/photo/list/?page=11", "/photo/list/?page=1x", "/uploads/2019/03/meme-0.png",
        "/uploads/2019/03/meme-6.png", "/uploads/2019/03/meme-121.png", "/uploads/2019/03/meme-999999999999.png",
        "/ads/.png", "/ads/0.png", "/%", "/%zz"}) {
    EXPECT_TRUE(site.answer(target, kHost).starts_with("HTTP/1.1 404 ")) << target;
  }
}

}  // namespace
}  // namespace doutu

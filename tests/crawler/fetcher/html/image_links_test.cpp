#include "crawler/fetcher/html/image_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "shared/crawl/records.h"

namespace doutu {
namespace {

using testing::ElementsAre;

constexpr std::string_view kPageUrl = "http://example.com/list/1.html?page=1";

ImageLinks find(std::string_view html, const std::vector<std::string>& expressions = {"//img/@src"},
                std::size_t max_hits = 100) {
  std::vector<Xpath> xpaths;
  xpaths.reserve(expressions.size());
  for (const std::string& expression : expressions) xpaths.push_back(Xpath::compile(expression).value());
  return find_image_links(*HtmlDocument::parse(html), xpaths, kPageUrl, Encoding::utf_8, max_hits);
}

std::vector<std::string> urls(std::string_view html, const std::vector<std::string>& expressions = {"//img/@src"}) {
  std::vector<std::string> out;
  for (const ImageLink& link : find(html, expressions).links) out.push_back(link.url);
  return out;
}

TEST(ImageLinks, ResolvesAgainstThePage) {
  EXPECT_THAT(
      urls("<img src=' a.jpg '><img src='/b c.jpg'><img src=//cdn.example.net/d><img src='https://x.example/e#f'>"),
      ElementsAre("http://example.com/list/a.jpg", "http://example.com/b%20c.jpg", "http://cdn.example.net/d",
                  "https://x.example/e"));
}

TEST(ImageLinks, ResolvesAgainstTheBaseElement) {
  EXPECT_THAT(urls("<base href='../pics/'><img src=a.jpg>"), ElementsAre("http://example.com/pics/a.jpg"));
  EXPECT_THAT(urls("<base href=//cdn.example.net><img src=a.jpg>"), ElementsAre("http://cdn.example.net/a.jpg"));
  EXPECT_THAT(urls("<base href='data:,x'><img src=a.jpg>"), ElementsAre("http://example.com/list/a.jpg"));
  EXPECT_THAT(urls("<base href='http://'><img src=a.jpg>"), ElementsAre("http://example.com/list/a.jpg"));
  EXPECT_THAT(urls("<img src=a.jpg><base href=/later/>"), ElementsAre("http://example.com/later/a.jpg"));
  EXPECT_THAT(urls("<svg><base href=/svg/></base></svg><img src=a.jpg>"), ElementsAre("http://example.com/list/a.jpg"));
  EXPECT_THAT(urls("<math><base href=/x/></math><base href=/html/><img src=a>"),
              ElementsAre("http://example.com/html/a"));
}

TEST(ImageLinks, WritesQueriesInThePagesEncoding) {
  const HtmlDocument page =
      HtmlDocument::parse("<base href='/\u56fe/?\u56fe'><img src='\u56fe?\u56fe\U0001f600#\u56fe'>").value();
  const std::vector<Xpath> xpaths = [] {
    std::vector<Xpath> out;
    out.push_back(Xpath::compile("//img/@src").value());
    return out;
  }();
  const auto url = [&](Encoding encoding) {
    return find_image_links(page, xpaths, kPageUrl, encoding, 1).links[0].url;
  };
  EXPECT_EQ(url(Encoding::gbk), "http://example.com/%E5%9B%BE/%E5%9B%BE?%CD%BC%26%23128512%3B");
  EXPECT_EQ(url(Encoding::utf_8), "http://example.com/%E5%9B%BE/%E5%9B%BE?%E5%9B%BE%F0%9F%98%80");
  EXPECT_EQ(url(Encoding::utf_16le), url(Encoding::utf_8));
}

TEST(ImageLinks, KeepsHitsThatAreNoImageUrl) {
  const ImageLinks found = find("<img src='ftp://h/a.gif'><img src='http://a b/'><img src=c.jpg>");
  ASSERT_EQ(found.links.size(), 3U);
  EXPECT_EQ(found.cause, Cause::none);
  EXPECT_EQ(found.links[0].cause, Cause::unsupported_scheme);
  EXPECT_EQ(found.links[1].cause, Cause::bad_url);
  EXPECT_EQ(found.links[2].cause, Cause::none);
}

TEST(ImageLinks, DecodesTheImagesThatThePageCarriesInItself) {
  const ImageLinks found = find("<img src=' DATA:image/gif;base64,R0lG '><img src=data:image/gif;base64,R><img src=a>");
  ASSERT_EQ(found.links.size(), 3U);
  EXPECT_EQ(found.links[0].cause, Cause::none);
  EXPECT_EQ(found.links[0].bytes, "GIF");
  EXPECT_EQ(found.links[1].cause, Cause::bad_url);
  EXPECT_EQ(found.links[1].bytes, std::nullopt);
  EXPECT_TRUE(found.links[1].url.starts_with("data:image/gif;base64,R#")) << found.links[1].url;
  EXPECT_EQ(found.links[2].bytes, std::nullopt);
}

TEST(ImageLinks, RefusesAnInlineImageThatNoLaneCarries) {
  const std::string fits = "data:," + std::string(kMaxInlineBytes, 'x');
  const ImageLinks found = find("<img src=" + fits + "><img src=" + fits + "y>");
  ASSERT_EQ(found.links.size(), 2U);
  EXPECT_EQ(found.links[0].cause, Cause::none);
  EXPECT_EQ(found.links[1].cause, Cause::too_large);
  EXPECT_LT(found.links[1].url.size(), 100U);
}

TEST(ImageLinks, GoesExpressionAfterExpression) {
  EXPECT_THAT(urls("<img src=/1 data-original=/2><img src=/3>", {"//img/@data-original", "//img/@src"}),
              ElementsAre("http://example.com/2", "http://example.com/1", "http://example.com/3"));
}

TEST(ImageLinks, CountsTheHitsOfAllExpressionsTogether) {
  const std::vector<std::string> twice{"//img/@src", "//img/@src"};
  EXPECT_EQ(find("<img src=1><img src=2>", twice, 4).cause, Cause::none);
  const ImageLinks found = find("<img src=1><img src=2>", twice, 3);
  EXPECT_EQ(found.cause, Cause::too_many_hits);
  EXPECT_EQ(found.links.size(), 3U);
}

TEST(ImageLinks, BoundsTheUrlsThatALongBaseMakes) {
  constexpr std::size_t kBaseBytes = 10'000;
  std::string page = "<base href='/" + std::string(kBaseBytes, 'x') + "/'>";
  for (int i = 0; i < 4'000; ++i) page += "<img src=a>";
  const std::vector<std::string> expressions{"//img/@src"};
  const ImageLinks found = find(page, expressions, 100'000);
  EXPECT_EQ(found.cause, Cause::too_many_hits);
  EXPECT_LE(found.links.size(), kMaxUrlBytesInAll / kBaseBytes);
  EXPECT_GT(found.links.size(), kMaxUrlBytesInAll / kBaseBytes / 2);
}

TEST(ImageLinks, AnswersTheCaseStudy) {
  constexpr std::string_view kPage = R"(<ul><li class="list-group-item"><a href="/photo/1">
      <img referrerpolicy="no-referrer" src="/static/placeholder.gif" data-original="http://img.example/1.jpg " /></a>
      <img class="gif" src="/static/gif.png"></li><li class="advert"><img referrerpolicy="no-referrer"
      data-original="http://ads.example/x.jpg"></li></ul>)";
  EXPECT_THAT(urls(kPage, {"//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original"}),
              ElementsAre("http://img.example/1.jpg"));
}

TEST(ImageLinks, AsksJsonThatBreaksOffEachExpression) {
  std::vector<Xpath> xpaths;
  for (const char* expression : {"//a", "//b"}) xpaths.push_back(Xpath::compile(expression).value());
  const auto page = HtmlDocument::parse(R"({"a":"/1","b":"/2")", Markup::json);
  const ImageLinks found = find_image_links(*page, xpaths, kPageUrl, Encoding::utf_8, 100);
  EXPECT_EQ(found.cause, Cause::bad_json);
  EXPECT_EQ(found.links.size(), 2U);
}

}  // namespace
}  // namespace doutu

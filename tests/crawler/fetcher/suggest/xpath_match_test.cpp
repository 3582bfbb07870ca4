#include "crawler/fetcher/suggest/xpath_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

XpathMatch match(std::string_view html, const std::string& xpath = "//img/@src", std::size_t max_hits = 100) {
  const HtmlDocument page = HtmlDocument::parse(html).value();
  const PageBase base = page_base(page, "http://example.com/", Encoding::utf_8);
  return match_xpath(page, base, xpath, Xpath::compile(xpath).value(), max_hits);
}

TEST(XpathMatch, TellsHitsApart) {
  const XpathMatch found = match(
      "<img src=a><img src=b><img src=/a#x><img src='javascript:x'><img src='http://['>"
      "<img src='data:,GIF'><img src='data:nothing'>");
  EXPECT_EQ(found.hits, 7U);
  EXPECT_EQ(found.distinct, 2U);
  EXPECT_EQ(found.repeats, 1U);
  EXPECT_EQ(found.inlined, 1U);
  EXPECT_EQ(found.unusable, 3U);
  EXPECT_THAT(found.first, ElementsAre("http://example.com/a", "http://example.com/b"));
  EXPECT_THAT(found.rejected, ElementsAre("javascript:x", "http://[", testing::StartsWith("data:nothing")));
  EXPECT_TRUE(found.finds());
  EXPECT_FALSE(found.all_same());
}

TEST(XpathMatch, SeesThatAllAreTheSame) {
  EXPECT_TRUE(match("<img src=a><img src=/a><img src=./a>").all_same());
  EXPECT_FALSE(match("<img src=a>").all_same());
}

TEST(XpathMatch, ShowsFive) {
  EXPECT_THAT(match("<img src=1><img src=2><img src=3><img src=4><img src=5><img src=6>").first, testing::SizeIs(5));
}

TEST(XpathMatch, FindsNothingWhereNothingIs) {
  const XpathMatch found = match("<img src=a>", "//video/@poster");
  EXPECT_EQ(found.hits, 0U);
  EXPECT_FALSE(found.finds());
  EXPECT_THAT(found.first, IsEmpty());
}

TEST(XpathMatch, SaysWhatItMatchedThatHasNoUrl) {
  const std::string_view page = "<div class='gallery'><p><img src=a></p></div><div></div><!--x--><img src=' '>";
  const auto without = [&](const std::string& xpath) {
    const XpathMatch found = match(page, xpath);
    return std::to_string(found.hits) + " and " + std::to_string(found.without_url) + ": " + found.such_as;
  };
  EXPECT_EQ(without("//div"), "0 and 2: <div class=\"gallery\">");
  EXPECT_EQ(without("//p"), "0 and 1: <p>");
  EXPECT_EQ(without("//img"), "1 and 1: <img>");
  EXPECT_EQ(without("//img/@src"), "1 and 1: an empty src");
  EXPECT_EQ(without("//comment()"), "0 and 1: a comment");
  EXPECT_EQ(without("count(//img)"), "0 and 1: a number");
  EXPECT_EQ(without("//img = 'x'"), "0 and 1: true or false");
  EXPECT_EQ(without("//video"), "0 and 0: ");
}

TEST(XpathMatch, NamesTheLimitThatItMet) {
  const XpathMatch found = match("<img src=1><img src=2><img src=3>", "//img/@src", 2);
  EXPECT_EQ(found.cause, Cause::too_many_hits);
  EXPECT_EQ(found.hits, 2U);
}

}  // namespace
}  // namespace doutu

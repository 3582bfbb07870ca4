// The functions that expressions may call beside XPath's own.
#include "crawler/fetcher/html/xpath_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kMany = 1'000'000;

Hits ask(const HtmlDocument& page, const std::string& expression) {
  return page.evaluate(Xpath::compile(expression).value(), kMany);
}

std::vector<std::string> find(const std::string& page, const std::string& expression, Markup markup = Markup::html) {
  const Hits hits = ask(*HtmlDocument::parse(page, markup), expression);
  EXPECT_EQ(hits.cause, Cause::none) << expression;
  return hits.values;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(XpathFunctions, ReadTheJsonInAPage) {
  const std::string page =
      R"(<script id=__NEXT_DATA__ type=application/json>{"props":{"images":[{"src":"/1.jpg"},{"src":"/2.jpg"}]}}</script>
         <div data-gallery='["/3.jpg",{"src":"/4 x.jpg"}]'></div><script>var src = [1];</script>)";
  EXPECT_THAT(find(page, "json(//script[@id='__NEXT_DATA__'])//src"), ElementsAre("/1.jpg", "/2.jpg"));
  EXPECT_THAT(find(page, "json(//@data-gallery)/json/item[1] | json(//@data-gallery)//src"),
              ElementsAre("/3.jpg", "/4 x.jpg"));
  EXPECT_THAT(find(page, "json(//script | //@data-gallery)//src"), ElementsAre("/1.jpg", "/2.jpg", "/4 x.jpg"))
      << "a script that is no JSON has none";
  EXPECT_THAT(find(page, "json('{\"src\":\"x\"}')//src"), ElementsAre("x"));
  EXPECT_THAT(find(page, "string((json(//script)//src)[2])"), ElementsAre("/2.jpg"));
}

TEST(XpathFunctions, ReadTheHtmlInAText) {
  const std::string feed =
      "<rss><item><description><![CDATA[<p><img src='/1.jpg'><img data-src='/2.jpg'>]]></description></item>"
      "<item><description>&lt;img src=/3.jpg&gt;</description></item></rss>";
  EXPECT_THAT(find(feed, "html(//description)//img", Markup::xml), ElementsAre("/1.jpg", "/2.jpg", "/3.jpg"));
  EXPECT_THAT(find(feed, "html(//description)//img/@src", Markup::xml), ElementsAre("/1.jpg", "/3.jpg"));
  EXPECT_THAT(find(feed, "(html(//description)//img)[3]", Markup::xml), ElementsAre("/3.jpg"));
  EXPECT_THAT(find(feed, "//item[html(description)//img[@src='/3.jpg']]/description/text()", Markup::xml),
              ElementsAre("<img src=/3.jpg>"));
  EXPECT_THAT(find(R"({"body":"<img src=/1.jpg>"})", "html(//body)//img", Markup::json), ElementsAre("/1.jpg"));
  EXPECT_THAT(find("<p><noscript>&lt;img src=/1.jpg></noscript>", "html(//noscript)//img"), ElementsAre("/1.jpg"));
}

TEST(XpathFunctions, FindTheUrlsOfStyles) {
  const std::string page =
      "<style>.a{background:url(/1.jpg)} /* url(/x) */ .b{background:url('/2.jpg')}</style>"
      "<div style=\"background-image: url(&quot;/3.jpg&quot;)\"></div><div style='color:red'></div>";
  EXPECT_THAT(find(page, "css-urls(//@style)"), ElementsAre("/3.jpg"));
  EXPECT_THAT(find(page, "css-urls(//style | //@style)"), ElementsAre("/1.jpg", "/2.jpg", "/3.jpg"));
  EXPECT_THAT(find(page, "css-urls(//style)[2]"), ElementsAre("/2.jpg"));
  EXPECT_THAT(find(page, "css-urls('a: url(x)')"), ElementsAre("x"));
}

TEST(XpathFunctions, FindMatches) {
  const std::string page =
      R"x(<script>load("/1.jpg"); load("/2.jpg"); data = {"src":"\/3.jpg"};</script><script>load("/4.jpg")</script>)x";
  EXPECT_THAT(find(page, R"x(matches(//script, 'load\("([^"]+)"\)'))x"), ElementsAre("/1.jpg", "/2.jpg", "/4.jpg"));
  EXPECT_THAT(find(page, R"(matches(//script, '/[0-9]\.jpg')[contains(., '2')])"), ElementsAre("/2.jpg"));
  EXPECT_THAT(find(page, R"(json(matches(//script, 'data = (.*?);'))//src)"), ElementsAre("/3.jpg"));
  EXPECT_THAT(find(page, "matches('a1b2', '[0-9]')"), ElementsAre("1", "2"));
  EXPECT_THAT(find("<a href=/1-s.jpg></a><a href=/x></a>", "//a[matches(@href, '-s[.]jpg$')]"),
              ElementsAre("/1-s.jpg"));
}

TEST(XpathFunctions, ChooseAsABrowserDoes) {
  const std::string page = "<img src=s.jpg srcset='m.jpg 1x, l.jpg 2x'><img alt=x><a href=/x>text</a>";
  EXPECT_THAT(find(page, "best(//img | //a)"), ElementsAre("l.jpg", "/x"));
  EXPECT_THAT(find(page, "best(//img/@srcset)"), ElementsAre("l.jpg"));
  EXPECT_THAT(find(page, "best(//img)[contains(., 'l.jpg')]"), ElementsAre("l.jpg"));
  EXPECT_THAT(find(page, "concat('/full/', best(//img))"), ElementsAre("/full/l.jpg"));
}

TEST(XpathFunctions, YieldInDocumentOrder) {
  const std::string page = "<i>&lt;img src=1></i><img src=2><b>&lt;img src=3>&lt;img src=4></b><img src=5>";
  EXPECT_THAT(find(page, "//img | html(//b)//img | html(//i)//img"), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(find(page, "html('<img src=6>')//img | //img"), ElementsAre("2", "5", "6"));
  EXPECT_THAT(find("<p>&lt;i>[\"1\"]&lt;/i>&lt;img src=2>&lt;i>[\"3\"]&lt;/i></p><img src=4>",
                   "//img | json(html(//p)//i)//item | html(//p)//img"),
              ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(find("<b>x1 x2</b><b>x3</b>", "matches(//b[2], 'x.') | //b[2]/text() | matches(//b[1], 'x.')"),
              ElementsAre("x1", "x2", "x3", "x3"));
}

TEST(XpathFunctions, LeaveThePageAsItIs) {
  const auto page = HtmlDocument::parse("<b id=x>&lt;i id=y>&lt;img src=1></b><img src=2>").value();
  EXPECT_THAT(ask(page, "html(//b)//img").values, ElementsAre("1"));
  EXPECT_THAT(ask(page, "//img").values, ElementsAre("2"));
  EXPECT_THAT(ask(page, "//img[html(//b)//img]").values, ElementsAre("2"));
  EXPECT_THAT(ask(page, "html(//b)//img | //img[not(id('y'))]").values, ElementsAre("1", "2"));
  EXPECT_THAT(ask(page, "html(//b)//img/ancestor::*[last()]/descendant::img").values, ElementsAre("1"));
  EXPECT_THAT(ask(page, "html(//b)").values, IsEmpty());
}

TEST(XpathFunctions, SayThatJsonBreaksOff) {
  const auto page = HtmlDocument::parse(R"(<script>{"src":"1"</script><script>{"src":"2"}</script>)").value();
  const Hits hits = ask(page, "json(//script)//src");
  EXPECT_EQ(hits.cause, Cause::bad_json);
  EXPECT_THAT(hits.values, ElementsAre("1", "2"));
  EXPECT_EQ(ask(page, "json(//script[2])//src").cause, Cause::none);
}

TEST(XpathFunctions, ReadEachNodeOnce) {
  const auto page =
      HtmlDocument::parse("<script>[" + repeat("\"/x\",", 10'000) + "\"/y\"]</script>" + repeat("<img src=/y>", 200));
  EXPECT_EQ(ask(*page, "//img[@src = json(//script)//item[last()]]").values.size(), 200U);
}

TEST(XpathFunctions, AreBoundedInMemory) {
  const auto page = HtmlDocument::parse(repeat("<div>", 20'000) + "&lt;img src=x>" + repeat("y", 100'000)).value();
  const Hits hits = ask(page, "html(//div)//img");
  EXPECT_EQ(hits.cause, Cause::page_too_complex) << "each <div> has all the text";
  EXPECT_THAT(hits.values, IsEmpty());
  EXPECT_EQ(ask(page, "matches(//div, 'z')").cause, Cause::page_too_complex);
  EXPECT_EQ(ask(page, "//div[matches(., 'z')]").cause, Cause::page_too_complex);
  EXPECT_EQ(ask(page, "matches(//div[not(div)], 'y')").values.size(), 100'000U);
  EXPECT_EQ(ask(HtmlDocument::parse("<p>" + repeat("<a><b><i>", 14'000)).value(), "html(//p)").cause, Cause::none);
}

}  // namespace
}  // namespace doutu

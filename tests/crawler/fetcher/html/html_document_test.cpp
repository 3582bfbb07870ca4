#include "crawler/fetcher/html/html_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kMany = 100'000;

std::vector<std::string> find(std::string_view html, const std::string& expression) {
  return HtmlDocument::parse(html)->evaluate(Xpath::compile(expression).value(), kMany).values;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(HtmlDocument, YieldsAttributesTextAndStrings) {
  constexpr std::string_view kPage = "<p title=t>one<b>two</b></p><p title='u v'>three";
  EXPECT_THAT(find(kPage, "//p/@title"), ElementsAre("t", "u v"));
  EXPECT_THAT(find(kPage, "//p//text()"), ElementsAre("one", "two", "three"));
  EXPECT_THAT(find(kPage, "string(//p)"), ElementsAre("onetwo"));
  EXPECT_THAT(find(kPage, "concat('a', //p/@title)"), ElementsAre("at"));
}

TEST(HtmlDocument, YieldsNoNumbersTruthsAndComments) {
  constexpr std::string_view kPage = "<!-- x --><p>1</p>";
  EXPECT_THAT(find(kPage, "count(//p)"), IsEmpty());
  EXPECT_THAT(find(kPage, "//p = 1"), IsEmpty());
  EXPECT_THAT(find(kPage, "//comment()"), IsEmpty());
  EXPECT_THAT(find(kPage, "/"), IsEmpty());
}

TEST(HtmlDocument, YieldsTheUrlOfElements) {
  EXPECT_THAT(find("<img src=1><video poster=2><source src=3><a href=4>x</a><area href=5>", "//body//*"),
              ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(find("<meta content=1><link href=2>", "//meta | //link"), ElementsAre("1", "2"));
  EXPECT_THAT(find("<svg><image href=1 /><image xlink:href=2 /></svg>", "//image"), ElementsAre("1", "2"));
  EXPECT_THAT(find("<div title=x>text<img alt=x></div>", "//div | //img"), IsEmpty()) << "no URL, no hit";
}

TEST(HtmlDocument, TrimsHitsAndDropsEmptyOnes) {
  EXPECT_THAT(find("<img src=' \n\ta b\f\r\n '><img src=''><img src=' '><img>", "//img/@src"), ElementsAre("a b"));
}

TEST(HtmlDocument, KeepsDocumentOrder) {
  EXPECT_THAT(find("<a href=1><img src=2></a><a href=3></a>", "//a/@href | //img/@src"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(find("<i id=1></i><i id=2></i><i id=3></i>", "//i[@id=3]/preceding-sibling::i/@id"),
              ElementsAre("1", "2"));
}

TEST(HtmlDocument, IsTheTreeThatABrowserShows) {
  EXPECT_THAT(find("<table><tr><td><img src=x>", "/html/body/table/tbody/tr/td/img/@src"), ElementsAre("x"));
  EXPECT_THAT(find("<IMG SRC=x>", "//img/@src"), ElementsAre("x"));
  EXPECT_THAT(find("<image src=x>", "//img/@src"), ElementsAre("x"));
  EXPECT_THAT(find("<table><img src=x><tr>", "/html/body/img/@src"), ElementsAre("x")) << "moved out of the table";
  EXPECT_THAT(find("<my-card src=x>", "//my-card/@src"), ElementsAre("x"));
  EXPECT_THAT(find("<svg><foreignobject><img src=x>", "//foreignObject/img/@src"), ElementsAre("x"));
  EXPECT_THAT(find("<img src=a src=b>", "//img/@src"), ElementsAre("a"));
  EXPECT_THAT(find("<p id=a>1</p><p id=b>2</p><p id=b>3</p>", "id('b')/text()"), ElementsAre("2"));
  EXPECT_THAT(find("<svg viewbox=x>", "//svg/@viewBox"), ElementsAre("x"));
  EXPECT_THAT(find("<svg><image xlink:href=x>", "//image/@xlink:href | //@*[name()='xlink:href']"), ElementsAre("x"));
}

TEST(HtmlDocument, TakesANameWithAColonForOneWithAPrefix) {
  EXPECT_THAT(find("<media:content url=a></media:content>", "//media:content/@url"), ElementsAre("a"));
  EXPECT_THAT(find("<media:content url=a></media:content>", "//*[name()='media:content']/@url"), ElementsAre("a"));
  EXPECT_THAT(find("<img v-bind:src=a :src=b x:y:z=c>", "//@v-bind:src | //@*[name()=':src' or name()='x:y:z']"),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(find("<img src=a>", "//media:content | //img/@x:src"), IsEmpty());
}

TEST(HtmlDocument, TakesTheBestOfASrcset) {
  constexpr std::string_view kPage =
      "<picture><source srcset='a.webp 320w, b.webp 640w'><img src=a.jpg srcset='b.jpg 2x' data-lazy-srcset='c.jpg 1x, "
      "d.jpg 2x'>"
      "</picture><link rel=preload as=image imagesrcset='e.jpg 1x,f.jpg 3x'><img src='' data-srcset=' g.jpg '>";
  EXPECT_THAT(find(kPage, "//source/@srcset"), ElementsAre("b.webp"));
  EXPECT_THAT(find(kPage, "//@data-srcset | //@data-lazy-srcset"), ElementsAre("d.jpg", "g.jpg"));
  EXPECT_THAT(find(kPage, "//@imagesrcset"), ElementsAre("f.jpg"));
  EXPECT_THAT(find(kPage, "//source | //img | //link"), ElementsAre("b.webp", "b.webp", "f.jpg", "g.jpg"));
  EXPECT_THAT(find("<img srcset='a 1x 1x'><img src='' srcset=b>", "//img"), ElementsAre("b"));
  EXPECT_THAT(find("<img srcset='a 1x, b 2x'>", "string(//img/@srcset)"), ElementsAre("a 1x, b 2x"))
      << "a string is what the expression made of it";
}

TEST(HtmlDocument, DecodesCharacterReferencesOnce) {
  EXPECT_THAT(find("<img src='a?b=1&amp;c=2&copy=3&lt;&amp;amp;'>", "//img/@src"),
              ElementsAre("a?b=1&c=2&copy=3<&amp;"));
  EXPECT_THAT(find("<p>&lt;b&gt; &#x56fe;", "//p/text()"), ElementsAre("<b> \xe5\x9b\xbe"));
}

TEST(HtmlDocument, LeavesOutWhatIsInATemplate) {
  EXPECT_THAT(find("<template><p><img src=a></p></template><img src=b>", "//img/@src"), ElementsAre("b"));
  EXPECT_THAT(find(repeat("<template><div>", 2000) + "<img src=a>", "//img/@src"), IsEmpty());
}

TEST(HtmlDocument, GoesOnWhereOtherParsersStop) {
  using namespace std::string_view_literals;
  EXPECT_THAT(find("<img src=a><!--><img src=b><!---><img src=c>", "//img/@src"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(find("<img src=a><p\0 x><b\0>\0<img src=b>"sv, "//img/@src"), ElementsAre("a", "b"));
  EXPECT_THAT(find("<img src=a><![CDATA[<img src=x>]]><?php ?><img src=b></html><img src=c>", "//img/@src"),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(find("<p>" + repeat("x", 11'000'000) + "<img src=a>", "//img/@src"), ElementsAre("a"));
}

TEST(HtmlDocument, SurvivesDeepNesting) {
  for (const char* tag : {"<div>", "<span>", "<font>", "<b>", "<svg>"}) {
    EXPECT_THAT(find(repeat(tag, 5000) + "<img src=a>", "//*/@src"), ElementsAre("a")) << tag;
  }
}

TEST(HtmlDocument, SurvivesManyAttributes) {
  std::string tag = "<img src=a";
  for (int i = 0; i < 5000; ++i) tag += " x" + std::to_string(i) + "=1";
  EXPECT_THAT(find(tag + ">", "//img[@x4999]/@src"), ElementsAre("a"));
}

/// A thousand formatting elements that no end tag closes, which every paragraph that follows has anew.
std::string misnested(int paragraphs) {
  std::string page = "<p>";
  for (int i = 0; i < 1000; ++i) page += "<b id=" + std::to_string(i) + ">";
  return page + repeat("<p>x", static_cast<std::size_t>(paragraphs));
}

TEST(HtmlDocument, BoundsTheMemoryOfMisnestedMarkup) {
  EXPECT_TRUE(HtmlDocument::parse(misnested(10))) << "misnested, and small";
  EXPECT_FALSE(HtmlDocument::parse(misnested(10'000)));
  EXPECT_TRUE(HtmlDocument::parse(repeat("<li><a href=/x>x</a>\n", 100'000))) << "large, and ordinary";
}

TEST(HtmlDocument, IsMadeOfAnything) {
  EXPECT_THAT(find("", "//img"), IsEmpty());
  EXPECT_THAT(find("\x89PNG\r\n\x1a\n", "//img"), IsEmpty());
  EXPECT_THAT(find("{\"json\": \"<img src=x>\"}", "//img"), ElementsAre("x"));
}

TEST(HtmlDocument, KnowsItsBase) {
  EXPECT_EQ(HtmlDocument::parse("<base target=x><base href=' /a/ '><base href=/b/>")->base_href(), "/a/");
  EXPECT_EQ(HtmlDocument::parse("<p>")->base_href(), std::nullopt);
  EXPECT_EQ(HtmlDocument::parse("<base href=''><base href=/b/>")->base_href(), std::nullopt) << "the first one counts";
}

TEST(HtmlDocument, BoundsTheHits) {
  const HtmlDocument page = HtmlDocument::parse("<img src=1><img src=><img src=2><img src=3>").value();
  const Xpath xpath = Xpath::compile("//img/@src").value();
  EXPECT_EQ(page.evaluate(xpath, 3).cause, Cause::none) << "an empty one is no hit";
  const Hits hits = page.evaluate(xpath, 2);
  EXPECT_EQ(hits.cause, Cause::too_many_hits);
  EXPECT_THAT(hits.values, ElementsAre("1", "2"));
}

TEST(HtmlDocument, BoundsTheStepsOfAnExpression) {
  const HtmlDocument page = HtmlDocument::parse(repeat("<p><img src=a></p>", 2000)).value();
  const Hits endless = page.evaluate(Xpath::compile("//*[count(//*[count(//*) > 1]) > 1]").value(), kMany);
  EXPECT_EQ(endless.cause, Cause::xpath_limit);
  EXPECT_THAT(endless.values, IsEmpty());
  EXPECT_EQ(page.evaluate(Xpath::compile("//img[@src='a']").value(), kMany).values.size(), 2000U)
      << "the next one is free";
  EXPECT_EQ(page.evaluate(Xpath::compile("//img[@src='a']").value(), kMany, 100).cause, Cause::xpath_limit);
}

TEST(HtmlDocument, NamesAnExpressionThatFailsOnThisPage) {
  const HtmlDocument page = HtmlDocument::parse("<img src=1>").value();
  EXPECT_EQ(page.evaluate(Xpath::compile("//img[string-length(1, 2)]").value(), kMany).cause, Cause::page_unreadable);
}

TEST(HtmlDocument, PrintsNothing) {
  testing::internal::CaptureStderr();
  find("<i id=x></i><i id=x></i>", "//img[//*[1]]");
  find("<p>", "//p[string-length(1, 2)]");
  EXPECT_FALSE(Xpath::compile("//[").ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(HtmlDocument, ReadsShadowRootsAndNoOtherTemplate) {
  constexpr std::string_view kRoot = "<template shadowrootmode=open><img src=1><slot></slot></template>";
  const auto with_root = [&](const std::string& begin) { return begin + std::string(kRoot) + "<img src=2>"; };
  for (const char* host : {"<div>", "<my-card>", "<section>", "<body>", "<h3>"}) {
    EXPECT_THAT(find(with_root(host), "//img/@src"), ElementsAre("1", "2")) << host;
  }
  EXPECT_THAT(find(with_root("<my-card>"), "//my-card/img/@src"), ElementsAre("1", "2"));
  for (const char* host : {"<article><a>", "<ul>", "<svg><my-x>"}) {
    EXPECT_THAT(find(with_root(host), "//img[not(@src=1)]/@src"), ElementsAre("2")) << host;
  }
  EXPECT_THAT(find(with_root("<ul>"), "//img/@src"), ElementsAre("2")) << "which can be no host";
  EXPECT_THAT(find("<div><template shadowrootmode=CLOSED><p><template shadowrootmode=open><img src=1>", "//p/img/@src"),
              ElementsAre("1"));
  EXPECT_THAT(find("<div><template shadowrootmode=open><template shadowrootmode=open><img src=1>", "//img"), IsEmpty())
      << "the root itself is no host";
  EXPECT_THAT(find("<div><template><img src=1></template><template shadowrootmode=x><img src=2></template>", "//img"),
              IsEmpty());
  EXPECT_THAT(find(with_root(with_root("<div>")), "//img/@src"), ElementsAre("1", "2", "2")) << "one for each host";
  EXPECT_THAT(find("<div><template shadowrootmode=open><template><img src=1></template><img src=2>", "//img/@src"),
              ElementsAre("2"));
}

}  // namespace
}  // namespace doutu

// XML pages, asked as a crawl asks them.
#include "crawler/fetcher/html/xml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/text/page_text.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kMany = 100'000;

std::vector<std::string> find(std::string_view xml, const std::string& expression) {
  return HtmlDocument::parse(xml, Markup::xml)->evaluate(Xpath::compile(expression).value(), kMany).values;
}

std::optional<std::string> base_of(std::string_view xml) { return HtmlDocument::parse(xml, Markup::xml)->base_href(); }

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

constexpr std::string_view kSitemap = R"(<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml">
  <url><loc>https://example.com/1</loc><xhtml:link rel="alternate" href="https://example.com/de/1"/>
    <image:image><image:loc> https://example.com/1.jpg?a=1&amp;b=2 </image:loc></image:image></url>
  <url><loc>https://example.com/2</loc></url>
</urlset>)";

constexpr std::string_view kRss = R"(
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
  <image><url>http://example.com/logo.png</url></image>
  <item><title>A &amp; B</title><enclosure url="/a.jpg?x=1&y=2" type="image/jpeg"/>
    <media:content url="/b.jpg"/><media:group><media:content url="/c.jpg"/></media:group></item>
</channel></rss>)";

TEST(XmlTree, FindsWhatIsWrittenWithAPrefixAndWhatIsInTheDefaultNamespace) {
  EXPECT_THAT(find(kSitemap, "//image:loc/text()"), ElementsAre("https://example.com/1.jpg?a=1&b=2"));
  EXPECT_THAT(find(kSitemap, "//url/loc/text()"), ElementsAre("https://example.com/1", "https://example.com/2"));
  EXPECT_THAT(find(kSitemap, "//xhtml:link/@href"), ElementsAre("https://example.com/de/1"));
  EXPECT_THAT(find(kSitemap, "//image:*/text()"), ElementsAre("https://example.com/1.jpg?a=1&b=2"));
  EXPECT_THAT(find(kSitemap, "//*[name()='image:loc' and local-name()='loc']/text()").size(), 1U);
  EXPECT_THAT(find(kSitemap, "//*[namespace-uri()='http://www.google.com/schemas/sitemap-image/1.1']/text()").size(),
              1U);
  EXPECT_THAT(find(kRss, "//media:content/@url"), ElementsAre("/b.jpg", "/c.jpg"));
  EXPECT_THAT(find(kRss, "//content/@url"), IsEmpty());
}

TEST(XmlTree, FindsNothingByAPrefixThatThePageHasNot) {
  EXPECT_THAT(find(kRss, "//image:loc"), IsEmpty());
  EXPECT_EQ(HtmlDocument::parse(kRss, Markup::xml)->evaluate(Xpath::compile("//x:y").value(), 1).cause, Cause::none);
}

TEST(XmlTree, TakesAPrefixAsItIsWrittenBoundOrNot) {
  EXPECT_THAT(find("<r><media:content url='a'/></r>", "//media:content/@url"), ElementsAre("a"));
  EXPECT_THAT(find("<r><a xmlns:p='1' p:q='1'/><b xmlns:p='2' p:q='2'/></r>", "//@p:q"), ElementsAre("1", "2"));
  EXPECT_THAT(find("<r xml:lang='en'/>", "//@xml:lang"), ElementsAre("en"));
}

TEST(XmlTree, ReadsXhtmlAsXml) {
  constexpr std::string_view kPage =
      R"(<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1:1/x.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title><script src="/s.js"/></head>
<body><p>caf&eacute;&nbsp;</p><img src="/a.png"/><svg xmlns="http://www.w3.org/2000/svg"
xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="/b.png"/></svg></body></html>)";
  EXPECT_THAT(find(kPage, "//img/@src"), ElementsAre("/a.png"));
  EXPECT_THAT(find(kPage, "//p/text()"), ElementsAre("caf\u00e9\u00a0"));
  EXPECT_THAT(find(kPage, "//image/@xlink:href"), ElementsAre("/b.png"));
  EXPECT_THAT(find("<html xmlns='http://www.w3.org/1999/xhtml'><p id='a'>x</p></html>", "id('a')/text()"),
              ElementsAre("x"));
}

TEST(XmlTree, ReadsAnHtmlPageThatIsNoXmlAsHtml) {
  EXPECT_THAT(find("<!DOCTYPE html><html><body><p>one<p>two<br><img src=a.png>", "//img/@src"), ElementsAre("a.png"));
  EXPECT_THAT(find("<HTML><body><img src=a.png></body></HTML>", "//body/img/@src"), ElementsAre("a.png"));
  EXPECT_THAT(find("Warning: <b>x</b><img src=a.png>", "//img/@src"), ElementsAre("a.png"));
  EXPECT_THAT(find("", "//img"), IsEmpty());
}

TEST(XmlTree, RecoversFromWhatFeedsAreFullOf) {
  EXPECT_THAT(find(kRss, "//enclosure/@url"), ElementsAre("/a.jpg?x=1&y=2"));
  EXPECT_THAT(find(kRss, "//title/text()"), ElementsAre("A & B"));
  EXPECT_THAT(find("<rss><item><enclosure url='a'/></item><item><enclosure url='b'/>", "//enclosure/@url"),
              ElementsAre("a", "b"));
  EXPECT_THAT(find("<rss><b><i>x</b></i><enclosure url='a'/></rss>", "//enclosure/@url"), ElementsAre("a"));
  EXPECT_THAT(
      find("<rss><item><d>t</p></d><enclosure url='a'/></item><item><d><br>t</d></item><enclosure url='b'/></rss>",
           "//enclosure/@url"),
      ElementsAre("a", "b"));
  EXPECT_THAT(find("<rss><enclosure url=a /><item hidden><enclosure url='b<c'/></item></rss>", "//enclosure/@url"),
              ElementsAre("a", "b<c"));
  EXPECT_THAT(find("<b>Warning</b>: x<?xml version='1.0'?><rss><enclosure url='a'/></rss>", "//enclosure/@url"),
              ElementsAre("a"));
  EXPECT_THAT(find("<rss><t>\x08&nope;&#0;</t><enclosure url='a\x01'/></rss>", "//enclosure/@url"), ElementsAre("a"));
}

TEST(XmlTree, JoinsTextAndTakesCdataForText) {
  EXPECT_THAT(find("<r><a>x&amp;<![CDATA[<b>&]]>y</a></r>", "//a/text()"), ElementsAre("x&<b>&y"));
  EXPECT_THAT(find("<r>1<!-- c -->2</r>", "//r/text()"), ElementsAre("1", "2"));
  EXPECT_THAT(find("<r>" + repeat("long ", 100'000) + "</r>", "//text()").at(0).size(), 499'999U);
}

TEST(XmlTree, ExpandsAndLoadsNothing) {
  constexpr std::string_view kBomb = R"(<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>
<r><x url="&c;"/><y url="&f;"/></r>)";
  EXPECT_THAT(find(kBomb, "//x/@url"), ElementsAre("&c;"));
  EXPECT_THAT(find(kBomb, "//y/@url"), ElementsAre("&f;"));
}

TEST(XmlTree, BoundsTheMemoryOfDeclaredAttributes) {
  const std::string value(100'000, 'x');
  const std::string page = "<!DOCTYPE r [<!ATTLIST a b CDATA '" + value + "'>]><r>" + repeat("<a/>", 10'000) + "</r>";
  EXPECT_FALSE(HtmlDocument::parse(page, Markup::xml));
}

TEST(XmlTree, HasNoBoundOnDepth) {
  EXPECT_THAT(find(repeat("<a>", 100'000) + "<b url='x'/>" + repeat("</a>", 100'000), "//b/@url"), ElementsAre("x"));
}

TEST(XmlTree, KnowsItsBase) {
  EXPECT_EQ(base_of("<feed xml:base='/a/'><entry xml:base='/b/'/></feed>"), "/a/");
  EXPECT_EQ(
      base_of("<html xmlns='http://www.w3.org/1999/xhtml' xml:base='/a/'><base href='/b/'/><base href='/c/'/></html>"),
      "/b/");
  EXPECT_EQ(
      base_of("<html xmlns='http://www.w3.org/1999/xhtml'><svg xmlns='http://www.w3.org/2000/svg'><base href='/b/'/>"
              "</svg></html>"),
      std::nullopt);
  EXPECT_EQ(base_of("<r><base href='/b/'/></r>"), std::nullopt);
}

TEST(XmlPage, IsInTheEncodingThatItsDeclarationNames) {
  const auto url_in = [](const std::string& bytes, std::string_view type) {
    const PageText text = decode_page(bytes, type);
    EXPECT_EQ(text.markup, Markup::xml);
    const HtmlDocument page = HtmlDocument::parse(text.utf8, text.markup).value();
    return page.evaluate(Xpath::compile("//enclosure/@url").value(), 1).values.at(0);
  };
  const std::string gbk = "<enclosure url='\xcd\xbc'/>";
  EXPECT_EQ(url_in("<?xml version='1.0' encoding='gbk'?>" + gbk, "text/xml"), "\u56fe");
  EXPECT_EQ(url_in("\n<?xml version='1.0' encoding='gbk'?>" + gbk, "text/xml"), "\u56fe");
  EXPECT_EQ(url_in("<?xml version='1.0' encoding='big5'?>" + gbk, "text/xml; charset=gbk"), "\u56fe");
  EXPECT_EQ(url_in("<?xml encoding='utf-16'?><enclosure url='\u56fe'/>", "text/xml"), "\u56fe");
  EXPECT_EQ(url_in("<meta charset='gbk'><enclosure url='\u56fe'/></meta>", "text/xml"), "\u56fe")
      << "XML has no <meta>";
}

}  // namespace
}  // namespace doutu

// Feeds and sitemaps as programs write them, by the expressions that people write for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/text/page_text.h"

namespace doutu {
namespace {

using testing::ElementsAre;

/// Most servers say no more than text/html.
std::vector<std::string> find(const std::string& page, const std::string& expression,
                              std::string_view type = "text/html") {
  const PageText text = decode_page(page, type);
  EXPECT_EQ(text.markup, Markup::xml);
  const Hits hits = HtmlDocument::parse(text.utf8, text.markup)->evaluate(Xpath::compile(expression).value(), 1000);
  EXPECT_EQ(hits.cause, Cause::none);
  return hits.values;
}

constexpr const char* kRss = R"(<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"
  xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>x</title><image><url>/logo.png</url></image>
<item><title>a &amp; b</title><description><![CDATA[<p>text &amp; <a href="/p"><img alt="" src="/1.jpg?a=1&amp;b=2"></a>
<img src="/2.jpg">]]></description><content:encoded><![CDATA[<img src="/c.jpg">]]></content:encoded>
<enclosure url="/e.jpg" length="1" type="image/jpeg"/><media:group><media:content url="/m.jpg"/></media:group>
<media:thumbnail url="/t.jpg"/><itunes:image href="/i.jpg"/></item>
<item><description>&lt;img src="/3.jpg"/&gt;</description></item></channel></rss>)";

TEST(Feed, OfRssHasImagesInItsElementsAndInItsTexts) {
  EXPECT_THAT(find(kRss, "html(//description)//img/@src"), ElementsAre("/1.jpg?a=1&b=2", "/2.jpg", "/3.jpg"));
  EXPECT_THAT(find(kRss, "html(//content:encoded)//img"), ElementsAre("/c.jpg"));
  EXPECT_THAT(find(kRss, "//enclosure/@url"), ElementsAre("/e.jpg"));
  EXPECT_THAT(find(kRss, "//enclosure[starts-with(@type, 'image/')] | //channel/image"),
              ElementsAre("/logo.png", "/e.jpg"));
  EXPECT_THAT(find(kRss, "//media:content/@url | //media:thumbnail"), ElementsAre("/m.jpg", "/t.jpg"));
  EXPECT_THAT(find(kRss, "//*[local-name()='content']/@url"), ElementsAre("/m.jpg"));
  EXPECT_THAT(find(kRss, "//itunes:image"), ElementsAre("/i.jpg"));
  EXPECT_THAT(find(kRss, "//item//img"), ElementsAre()) << "not without html()";
}

TEST(Feed, OfAtomIsInTheDefaultNamespace) {
  const std::string atom = R"(<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="alternate" href="/p"/>
<link rel="enclosure" type="image/png" href="/e.png"/><content type="html">&lt;p&gt;&lt;img src='/1.jpg'&gt;</content>
</entry><entry><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><img src="/2.jpg"/></div></content></entry>
</feed>)";
  EXPECT_THAT(find(atom, "//link[@rel='enclosure']"), ElementsAre("/e.png"));
  EXPECT_THAT(find(atom, "html(//content[@type='html'])//img | //content//img"), ElementsAre("/1.jpg", "/2.jpg"));
}

TEST(Feed, OfASiteIsItsMap) {
  const std::string map = R"(<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>http://h/p?a=1&amp;b=2</loc><image:image>
 <image:loc>http://h/1.jpg</image:loc></image:image><image:image><image:loc><![CDATA[http://h/2.jpg]]></image:loc>
 </image:image></url></urlset>)";
  EXPECT_THAT(find(map, "//image:loc"), ElementsAre("http://h/1.jpg", "http://h/2.jpg"));
  EXPECT_THAT(find(map, "//image:image"), ElementsAre("http://h/1.jpg", "http://h/2.jpg"));
  EXPECT_THAT(find(map, "//url/loc"), ElementsAre("http://h/p?a=1&b=2"));
  EXPECT_THAT(
      find("<sitemapindex xmlns='x'><sitemap><loc>http://h/a.xml.gz</loc></sitemap></sitemapindex>", "//sitemap/loc"),
      ElementsAre("http://h/a.xml.gz"));
}

TEST(Feed, OfJsonIsATree) {
  const std::string json = R"({"version":"https://jsonfeed.org/version/1.1","items":[{"image":"/1.jpg",
"content_html":"<img src=\"\/2.jpg\">","attachments":[{"url":"/3.jpg","mime_type":"image/jpeg"}]}]})";
  const HtmlDocument page = HtmlDocument::parse(json, Markup::json).value();
  const Xpath xpath = Xpath::compile("//image | html(//content_html)//img | //attachments/url").value();
  EXPECT_THAT(page.evaluate(xpath, 10).values, ElementsAre("/1.jpg", "/2.jpg", "/3.jpg"));
}

TEST(Feed, MayBeABomb) {
  std::string bomb = "<!DOCTYPE rss [<!ENTITY a0 \"xxxxxxxxxx\">";
  for (int i = 1; i < 20; ++i) {
    const std::string inner = "&a" + std::to_string(i - 1) + ";";
    bomb += "<!ENTITY a" + std::to_string(i) + " \"";
    for (int k = 0; k < 10; ++k) bomb += inner;
    bomb += "\">";
  }
  bomb += "]><rss><channel><item><description>&a19;</description><enclosure url='/1.jpg'/></item></channel></rss>";
  EXPECT_THAT(find(bomb, "//enclosure/@url", "text/xml"), ElementsAre("/1.jpg"));
  EXPECT_THAT(find(bomb, "//description/text()", "text/xml"), ElementsAre("&a19;")) << "which stands for 10^20 letters";
}

}  // namespace
}  // namespace doutu

#include "crawler/fetcher/text/markup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace doutu {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kRss = "<rss><channel/></rss>";

TEST(Markup, IsXmlWhereTheTypeSaysSo) {
  for (const char* type : {"text/xml", "application/xml; charset=utf-8", "Application/XHTML+xml", "application/rss+xml",
                           "application/atom+xml", "image/svg+xml"}) {
    EXPECT_EQ(sniff_markup("<html><body>", type), Markup::xml) << type;
  }
}

TEST(Markup, IsHtmlWhereTheTypeSaysSoButForFeeds) {
  EXPECT_EQ(sniff_markup("<?xml version='1.0'?><!DOCTYPE html><html>", "text/html"), Markup::html);
  EXPECT_EQ(sniff_markup("<feedback>", "text/html"), Markup::html);
  EXPECT_EQ(sniff_markup("<html><rss>", "text/html"), Markup::html);
  EXPECT_EQ(sniff_markup("<!-- <rss> --><p>", "text/html"), Markup::html);
  for (const char* feed : {"<rss version='2.0'>", "\n<?xml version='1.0'?>\n<!-- x --><rss>", "<feed xmlns='x'>",
                           "<!DOCTYPE rss><rss>", "<rdf:RDF xmlns:rdf='x'>", "<urlset>", "<sitemapindex\n>"}) {
    EXPECT_EQ(sniff_markup(feed, "text/html; charset=utf-8"), Markup::xml) << feed;
  }
}

TEST(Markup, IsToldByTheFirstBytesWhereNothingIsSaid) {
  for (const char* type : {"", "text/plain", "application/octet-stream", "nonsense"}) {
    EXPECT_EQ(sniff_markup("<?xml version='1.0'?><html>", type), Markup::xml) << type;
    EXPECT_EQ(sniff_markup(kRss, type), Markup::xml) << type;
    EXPECT_EQ(sniff_markup("\xef\xbb\xbf<?xml version='1.0'?><x/>", type), Markup::xml) << type;
    EXPECT_EQ(sniff_markup("\xff\xfe<\0r\0s\0s\0>\0"sv, type), Markup::xml) << type;
    EXPECT_EQ(sniff_markup("<!DOCTYPE html><p>", type), Markup::html) << type;
    EXPECT_EQ(sniff_markup("<?xml-stylesheet?><p>", type), Markup::html) << type;
    EXPECT_EQ(sniff_markup("", type), Markup::html) << type;
    EXPECT_EQ(sniff_markup("<!--", type), Markup::html) << type;
  }
  EXPECT_EQ(sniff_markup(kRss, "image/png"), Markup::html) << "as every other type";
}

TEST(Markup, IsJsonWhereTheTypeSaysSo) {
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "text/json", "application/ld+json",
                           "application/vnd.api+json", "application/feed+json"}) {
    EXPECT_EQ(sniff_markup("<p>", type), Markup::json) << type;
  }
}

TEST(Markup, IsJsonWhereAPageThatCallsItselfHtmlBeginsAndEndsSo) {
  const std::string many(10'000, 'x');
  for (const std::string& json :
       std::vector<std::string>{"{\"a\":1}", " [ {\"a\":1}]\n", "[]", "{ }", "[\"a\"]", "{\"a\":\"" + many + "\"}"}) {
    EXPECT_EQ(sniff_markup(json, "text/html"), Markup::json) << json;
  }
  for (const char* html : {"{\"a\":1}<p>", "{{ title }}", "{% if x %}", "[x]", "{", "[1] notes", "[", "{}<html>"}) {
    EXPECT_EQ(sniff_markup(html, "text/html"), Markup::html) << html;
  }
}

TEST(Markup, IsJsonWhereAnyOtherTypeBeginsSo) {
  for (const char* type : {"", "text/plain", "text/javascript", "application/octet-stream", "nonsense"}) {
    EXPECT_EQ(sniff_markup("{\"a\":", type), Markup::json) << type;
    EXPECT_EQ(sniff_markup("\xef\xbb\xbf[{", type), Markup::json) << type;
    EXPECT_EQ(sniff_markup("[\0{\0}\0]\0"sv, type), Markup::json) << type;
    EXPECT_EQ(sniff_markup("[Images]", type), Markup::html) << type;
    EXPECT_EQ(sniff_markup("{a:1}", type), Markup::html) << type;
  }
  EXPECT_EQ(sniff_markup("{\"a\":1}", "text/xml"), Markup::xml);
}

}  // namespace
}  // namespace doutu

#include "crawler/fetcher/text/markup.h"

#include <gtest/gtest.h>

#include <string>

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
  EXPECT_EQ(sniff_markup(kRss, "application/json"), Markup::html) << "as every other type";
}

}  // namespace
}  // namespace doutu

// Which pages a page links to, as its fetcher says it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/crawler/fetcher/page_fetcher_fixture.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class PageLinksTest : public PageFetcherTest {
 protected:
  PageLinksTest() {
    settings_.page.follow = {"//a[@class='album']"};
    settings_.page.next = {"//a[@rel='next']/@href"};
  }

  RecordsOfPage read(const std::string& body, std::uint32_t step, const std::string& type = "text/html") {
    const RawServer server([&](const std::string&) {
      return RawAnswer{http_answer(body, "Content-Type: " + type + "\r\n"), Then::close};
    });
    RecordsOfPage seen = fetch(server.url("/dir/list"), step);
    const std::string origin = server.url("");
    for (auto& [found_step, url] : seen.pages) {
      if (url.starts_with(origin)) url = url.substr(origin.size());
    }
    return seen;
  }
};

TEST_F(PageLinksTest, OfTheFirstStepAreThoseToTheNextStepThenTheNextPage) {
  const RecordsOfPage seen =
      read("<a rel=next href='?page=2'>2</a><a class=album href=a><img src=t></a><a class=album href='/b#c'>B</a>", 1);
  EXPECT_THAT(seen.pages, ElementsAre(Pair(2, "/dir/a"), Pair(2, "/b"), Pair(1, "/dir/list?page=2")));
  EXPECT_THAT(seen.images, IsEmpty()) << "they are on the last step";
}

TEST_F(PageLinksTest, OfTheLastStepAreNextPagesAlone) {
  const RecordsOfPage seen = read("<a class=album href=a></a><img src=i.jpg><a rel=next href=2></a>", 2);
  EXPECT_THAT(seen.pages, ElementsAre(Pair(2, "/dir/2")));
  EXPECT_THAT(seen.images, SizeIs(1));
}

TEST_F(PageLinksTest, AreResolvedAgainstTheBaseAndNamedOnce) {
  const RecordsOfPage seen =
      read("<base href=http://e/x/><a class=album href=a></a><a class=album href='a#2'></a><a class=album></a>", 1);
  EXPECT_THAT(seen.pages, ElementsAre(Pair(2, "http://e/x/a")));
}

TEST_F(PageLinksTest, AreNoMailAndNoScript) {
  const RecordsOfPage seen = read(
      "<a class=album href='mailto:a@e'></a><a class=album href='javascript:void(0)'></a>"
      "<a class=album href='http://['></a>",
      1);
  EXPECT_THAT(seen.pages, IsEmpty());
  EXPECT_EQ(seen.end.cause, Cause::none);
}

TEST_F(PageLinksTest, HaveABound) {
  settings_.page.max_hits = 2;
  const RecordsOfPage seen = read("<a class=album href=1></a><a class=album href=2></a><a class=album href=3></a>", 1);
  EXPECT_EQ(seen.end.cause, Cause::too_many_hits);
}

TEST_F(PageLinksTest, OfASitemapAreItsPages) {
  const RecordsOfPage seen = read(
      "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
      "<url><loc> http://e/1 </loc></url><url><loc>http://e/2?a=1&amp;b=2</loc></url></urlset>",
      0, "application/xml");
  EXPECT_THAT(seen.pages, ElementsAre(Pair(1, "http://e/1"), Pair(1, "http://e/2?a=1&b=2")));
}

TEST_F(PageLinksTest, OfAnIndexOfSitemapsAreLists) {
  const RecordsOfPage seen = read(
      "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
      "<sitemap><loc>http://e/a.xml.gz</loc></sitemap></sitemapindex>",
      0, "application/xml");
  EXPECT_THAT(seen.pages, ElementsAre(Pair(0, "http://e/a.xml.gz")));
}

TEST_F(PageLinksTest, OfAListThatIsAWebPageAreNone) {
  const RecordsOfPage seen = read("<p>Not found<a class=album href=a></a><item><link>http://e/1</link></item>", 0);
  EXPECT_THAT(seen.pages, IsEmpty());
  EXPECT_EQ(seen.end.cause, Cause::not_a_list);
  EXPECT_EQ(read("<urlset></urlset>", 0, "text/xml").end.cause, Cause::none) << "an empty sitemap is one";
}

TEST_F(PageLinksTest, OfAFeedAreItsItems) {
  const RecordsOfPage rss = read(
      "<rss version='2.0'><channel><link>http://e/</link><item><link>http://e/1</link></item>"
      "<item><link><![CDATA[http://e/2]]></link></item></channel></rss>",
      0, "application/rss+xml");
  EXPECT_THAT(rss.pages, ElementsAre(Pair(1, "http://e/1"), Pair(1, "http://e/2")));
  const RecordsOfPage atom = read(
      "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='self' href='http://e/feed'/><entry>"
      "<link rel='alternate' href='http://e/1'/><link rel='enclosure' href='http://e/1.jpg'/></entry>"
      "<entry><link href='/2'/></entry></feed>",
      0, "application/atom+xml");
  EXPECT_THAT(atom.pages, ElementsAre(Pair(1, "http://e/1"), Pair(1, "/2")));
}

}  // namespace
}  // namespace doutu

#include "crawler/fetcher/page_fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include "tests/crawler/fetcher/page_fetcher_fixture.h"
#include "tests/shared/coding/packers.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST_F(PageFetcherTest, PutsWhatThePageNames) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("<img src=a.jpg><img src='data:,x'><img src=//b.example/c>"), Then::close};
  });
  const RecordsOfPage seen = fetch(server.url("/list/"));
  EXPECT_EQ(seen.final_url, server.url("/list/"));
  EXPECT_THAT(seen.images, ElementsAre(Pair(Cause::none, server.url("/list/a.jpg")), Pair(Cause::none, "inline:x"),
                                       Pair(Cause::none, "http://b.example/c")));
  EXPECT_EQ(seen.end.cause, Cause::none);
  EXPECT_EQ(seen.end.http_status, 200);
}

TEST_F(PageFetcherTest, PutsThePolicyOfTheElementElseOfTheMetaElseOfTheLastHeader) {
  const std::string images = "<img src=a><img src=b referrerpolicy=origin><img src=c referrerpolicy=sometimes>";
  const std::string meta = "<meta name=referrer content=same-origin>";
  const RawServer server([&](const std::string& request) {
    const bool has_meta = request.starts_with("GET /meta");
    if (request.starts_with("GET /moved")) {
      return RawAnswer{"HTTP/1.1 302 Moved\r\nLocation: /plain\r\nReferrer-Policy: unsafe-url\r\n\r\n", Then::close};
    }
    const std::string header = request.starts_with("GET /plain")
                                   ? ""
                                   : "Referrer-Policy: no-referrer\r\nReferrer-Policy: strict-origin, new\r\n";
    return RawAnswer{http_answer((has_meta ? meta : "") + images, header), Then::close};
  });
  using enum ReferrerPolicy;
  EXPECT_THAT(fetch(server.url("/header")).policies, ElementsAre(strict_origin, origin, strict_origin));
  EXPECT_THAT(fetch(server.url("/meta")).policies, ElementsAre(same_origin, origin, same_origin));
  EXPECT_THAT(fetch(server.url("/moved")).policies,
              ElementsAre(strict_origin_when_cross_origin, origin, strict_origin_when_cross_origin))
      << "a redirect says it of redirects";
}

TEST_F(PageFetcherTest, SaysWhatItDoesInItsStats) {
  FetcherState during{};
  std::uint64_t page = 0;
  const RawServer server([&](const std::string&) {
    during = stats_->state;
    page = stats_->page;
    return RawAnswer{http_answer("<img src=a>"), Then::close};
  });
  fetch(server.url("/"));
  EXPECT_EQ(during, FetcherState::fetching);
  EXPECT_EQ(page, 7U);
  EXPECT_EQ(stats_->state, FetcherState::idle);
}

TEST_F(PageFetcherTest, TakesAnyContentTypeAndAnEmptyPage) {
  const RawServer server([](const std::string& request) {
    const bool empty = request.starts_with("GET /empty");
    return RawAnswer{http_answer(empty ? "" : "<img src=a>", "Content-Type: image/png\r\n"), Then::close};
  });
  EXPECT_EQ(fetch(server.url("/")).images.size(), 1U);
  const RecordsOfPage empty = fetch(server.url("/empty"));
  EXPECT_EQ(empty.final_url, server.url("/empty"));
  EXPECT_EQ(empty.end.cause, Cause::none);
  EXPECT_EQ(empty.end.hits, 0U);
}

TEST_F(PageFetcherTest, DecodesByTheContentType) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("<img src=\"\x81\x40.jpg\">", "Content-Type: text/html; charset=gb2312\r\n"),
                     Then::close};
  });
  EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/%E4%B8%82.jpg"))));
}

TEST_F(PageFetcherTest, ReadsTwoContentTypesAsBrowsersDo) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("<img src=\"\x81\x40.jpg\">",
                                 "Content-Type: text/html; charset=gb2312\r\nContent-Type: text/html\r\n"),
                     Then::close};
  });
  EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/%E4%B8%82.jpg"))));
}

TEST_F(PageFetcherTest, WritesQueriesInThePagesEncoding) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("<meta charset=gb2312><img src=\"?\xcd\xbc\">", "Content-Type: text/html\r\n"),
                     Then::close};
  });
  EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/?%CD%BC"))));
}

TEST_F(PageFetcherTest, BelievesTheUserAboutTheEncoding) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("<img src=\"\xb9\xcf\">", "Content-Type: text/html; charset=utf-8\r\n"), Then::close};
  });
  settings_.page.encoding = "big5";
  EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/%E5%9C%96"))));
}

TEST_F(PageFetcherTest, ReadsOnBehindALongText) {
  const std::string page = std::string("<p>").append(11'000'000, 'x') + "<img src=a>";
  const RawServer server([&](const std::string&) { return RawAnswer{http_answer(page), Then::close}; });
  EXPECT_EQ(fetch_in_vain(server.url("/")).cause, Cause::page_too_large) << "8 MiB are the default";
  settings_.page.max_bytes = 16'000'000;
  EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/a"))));
}

TEST_F(PageFetcherTest, GivesUpAPageWhoseTreeOutgrowsIt) {
  std::string page = "<img src=a><p>";
  for (int i = 0; i < 1000; ++i) page += "<b id=" + std::to_string(i) + ">";
  for (int i = 0; i < 7000; ++i) page += "<p>x";
  const RawServer server([&](const std::string&) { return RawAnswer{http_answer(page), Then::close}; });
  const RecordsOfPage seen = fetch(server.url("/"));
  EXPECT_EQ(seen.end.cause, Cause::page_too_complex);
  EXPECT_THAT(seen.images, IsEmpty());
}

TEST_F(PageFetcherTest, ReadsASitemapThatIsKeptAsAGzipFile) {
  const std::string sitemap = "<?xml version='1.0'?><urlset xmlns='s'><url><loc>/a.jpg</loc></url></urlset>";
  std::string now = http_answer(pack_gzip(sitemap), "Content-Type: application/x-gzip\r\n");
  const RawServer server([&](const std::string&) { return RawAnswer{now, Then::close}; });
  settings_.page.xpaths = {"//url/loc"};
  EXPECT_THAT(fetch(server.url("/s.xml.gz")).images, ElementsAre(Pair(Cause::none, server.url("/a.jpg"))));
  const std::string packed = pack_gzip(sitemap);
  now = http_answer(packed.substr(0, packed.size() - 1), "Content-Type: application/gzip\r\n");
  EXPECT_EQ(fetch_in_vain(server.url("/s.xml.gz")).cause, Cause::truncated);
}

TEST_F(PageFetcherTest, ReadsAFeedAsXmlWhateverItsType) {
  const std::string feed = "<rss xmlns:media='m'><item><media:content url='/a.jpg'/><link>x</link></item></rss>";
  std::string type;
  const RawServer server([&](const std::string&) {
    return RawAnswer{http_answer(feed, "Content-Type: " + type + "\r\n"), Then::close};
  });
  settings_.page.xpaths = {"//media:content", "//other:thing"};
  for (const char* each : {"application/rss+xml", "text/xml; charset=utf-8", "text/html", "text/plain"}) {
    type = each;
    EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/a.jpg")))) << type;
  }
}

TEST_F(PageFetcherTest, DeliversTheHitsUpToALimit) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("<img src=1><img src=2><img src=3>"), Then::close};
  });
  settings_.page.max_hits = 2;
  const RecordsOfPage seen = fetch(server.url("/"));
  EXPECT_EQ(seen.images.size(), 2U);
  EXPECT_EQ(seen.end.cause, Cause::too_many_hits);
}

TEST_F(PageFetcherTest, CutsAUrlThatIsTooLong) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("<img src=" + std::string(50'000, 'x') + ">"), Then::close};
  });
  const RecordsOfPage seen = fetch(server.url("/"));
  ASSERT_EQ(seen.images.size(), 1U);
  EXPECT_EQ(seen.images[0].first, Cause::url_too_long);
  EXPECT_EQ(seen.images[0].second, std::string(kMaxUrlBytes, 'x'));
}

TEST_F(PageFetcherTest, WaitsForRoomInTheLane) {
  constexpr std::size_t kImages = 5000;  // Many times what the lane holds.
  std::string html;
  for (std::size_t i = 0; i < kImages; ++i) html += "<img src=" + std::to_string(i) + ">";
  const RawServer server([&](const std::string&) { return RawAnswer{http_answer(html), Then::close}; });
  const auto fetcher = make_fetcher();
  std::jthread consumer([&] {
    while (stats_->held_since_ns == 0) std::this_thread::yield();
    EXPECT_EQ(stats_->state, FetcherState::queueing);
    const RecordsOfPage seen = take_page(*consumer_);
    EXPECT_EQ(seen.images.size(), kImages);
    EXPECT_EQ(seen.images.back().second, server.url("/" + std::to_string(kImages - 1)));
    EXPECT_EQ(seen.end.hits, kImages);
  });
  EXPECT_EQ(fetcher->fetch({.id = 1, .attempt = 1, .url = server.url("/")}), PageFetcher::Done::yes);
  consumer.join();
  EXPECT_GT(stats_->held_ns, 0);
  EXPECT_EQ(stats_->held_since_ns, 0);
}

TEST_F(PageFetcherTest, IsHeldToTheRateAndTheTimeDoesNotCount) {
  settings_.limits.max_rate = 100'000;
  settings_.page.timeout = milliseconds(1500);
  const std::string html = "<img src=a>" + std::string(400'000, ' ');
  const RawServer server([&](const std::string&) { return RawAnswer{http_answer(html), Then::close}; });
  const MonoTime began = mono_now();
  EXPECT_EQ(fetch(server.url("/")).end.cause, Cause::none);
  EXPECT_GE(mono_now() - began, seconds(3));
  EXPECT_GE(stats_->held_ns, std::chrono::nanoseconds(seconds(3)).count());
  EXPECT_EQ(stats_->held_since_ns, 0);
}

TEST_F(PageFetcherTest, UnderARateTheTimeOfASilentServerCounts) {
  settings_.limits.max_rate = 100'000;
  settings_.page.timeout = milliseconds(500);
  EXPECT_EQ(fetch_answer_in_vain(http_answer(std::string(20'000, ' ')).substr(0, 10'000), Then::hold_open).cause,
            Cause::timeout);
  EXPECT_EQ(fetch_answer_in_vain("", Then::hold_open).cause, Cause::timeout);
}

TEST_F(PageFetcherTest, SaysThatTheLaneIsGone) {
  producer_->seal();
  EXPECT_EQ(make_fetcher()->fetch({.id = 1, .attempt = 1, .url = refusing_url()}), PageFetcher::Done::lane_gone);
}

TEST_F(PageFetcherTest, ReadsJsonAndSaysWhereItBreaksOff) {
  settings_.page.xpaths = {"//src"};
  const std::string begin = R"({"images":[{"src":"\/1.jpg"},{"src":"\/2.jpg"})";
  const RawServer server([&](const std::string& request) {
    const bool is_whole = request.starts_with("GET /whole");
    return RawAnswer{http_answer(begin + (is_whole ? "]}" : ""), "Content-Type: application/json\r\n")};
  });
  for (const char* page : {"/whole", "/cut"}) {
    const RecordsOfPage seen = fetch(server.url(page));
    EXPECT_EQ(seen.images.size(), 2U) << page;
    EXPECT_EQ(seen.images.back().second, server.url("/2.jpg"));
    EXPECT_EQ(seen.end.cause, page == std::string("/whole") ? Cause::none : Cause::bad_json);
  }
}

}  // namespace
}  // namespace doutu

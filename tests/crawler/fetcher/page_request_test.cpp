#include "crawler/fetcher/page_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/sandbox/instrumented.h"
#include "tests/crawler/fetcher/page_fetcher_fixture.h"
#include "tests/shared/coding/packers.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST_F(PageFetcherTest, EndsAPageWhereItsLengthEndsUnderATransferEncodingThatIsNone) {
  const std::string page = "<img src=a>";
  const auto answer = [&](std::size_t length, const std::string& coding) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + "\r\nContent-Length: " + std::to_string(length) +
           "\r\n\r\n" + page;
  };
  RawAnswer now;
  const RawServer server([&](const std::string&) { return now; });
  for (const char* coding : {"identity", "Identity", "identity, identity"}) {
    now = {answer(page.size(), coding), Then::hold_open};
    EXPECT_EQ(fetch(server.url("/")).images.size(), 1U) << coding;
    now = {answer(page.size() - 1, coding), Then::hold_open};
    EXPECT_EQ(fetch(server.url("/")).images.size(), 0U) << "the rest is no part of it";
    now = {answer(page.size() + 1, coding), Then::close};
    EXPECT_EQ(fetch_in_vain(server.url("/")).cause, Cause::truncated) << coding;
  }
}

TEST_F(PageFetcherTest, TakesAPartThatIsTheWhole) {
  const auto part = [](const std::string& range) {
    return http_answer("<img src=a>", "Content-Range: " + range + "\r\n", "206 Partial Content");
  };
  std::string now = part("bytes 0-10/11");
  const RawServer server([&](const std::string&) { return RawAnswer{now, Then::close}; });
  EXPECT_EQ(fetch(server.url("/")).images.size(), 1U);
  for (const char* range :
       {"bytes 0-10/12", "bytes 1-11/12", "bytes 0-9/10", "bytes 0-10/*", "bytes */11", "0-10/11"}) {
    now = part(range);
    EXPECT_EQ(fetch_in_vain(server.url("/")).cause, Cause::bad_response) << range;
  }
}

TEST_F(PageFetcherTest, AsksAMisdirectedServerAgainOverANewConnection) {
  std::size_t misdirected = 1;
  const RawServer server([&](const std::string&) {
    const bool refuses = misdirected > 0;
    misdirected -= refuses ? 1 : 0;
    return RawAnswer{http_answer("<img src=a>", "", refuses ? "421 Misdirected Request" : "200 OK"), Then::keep_alive};
  });
  EXPECT_EQ(fetch(server.url("/")).images.size(), 1U);
  EXPECT_EQ(server.connections(), 2U);
  misdirected = 2;
  EXPECT_EQ(fetch_in_vain(server.url("/")).http_status, 421);
  EXPECT_EQ(misdirected, 0U) << "and no third time";
}

/// curl keeps the words that it wrote of the connection that was reset.
TEST_F(PageFetcherTest, JudgesAnAnswerThatCameBehindADeadConnection) {
  std::size_t requests = 0;
  const RawServer server([&](const std::string&) -> RawAnswer {
    switch (++requests) {
      case 1:
        return {http_answer("", "Location: /a\r\n", "302 Found"), Then::keep_alive};
      case 2:
        return {"", Then::reset};
      default:
        return {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n", Then::close};
    }
  });
  EXPECT_EQ(fetch_in_vain(server.url("/")).cause, Cause::bad_response);
  EXPECT_EQ(requests, 4U);
}

TEST_F(PageFetcherTest, UndoesTheCodingsOfAPage) {
  const std::string page = "<img src=a.jpg>";
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"Content-Encoding: gzip\r\n", pack_gzip(page)},
      {"Content-Encoding: x-gzip\r\n", pack_gzip(page)},
      {"Content-Encoding: deflate\r\n", pack_zlib(page)},
      {"Content-Encoding: deflate\r\n", pack_bare_deflate(page)},
      {"Content-Encoding: br\r\n", pack_brotli(page)},
      {"Content-Encoding: zstd\r\n", pack_zstd(page)},
      {"Content-Encoding: gzip, identity\r\n", pack_gzip(page)},
      {"Content-Encoding: gzip, gzip\r\n", pack_gzip(pack_gzip(page))},
      {"Content-Encoding: br\r\nContent-Encoding: gzip\r\n", pack_gzip(pack_brotli(page))},
  };
  std::string now;
  const RawServer server([&](const std::string&) { return RawAnswer{now, Then::close}; });
  for (const auto& [header, body] : answers) {
    now = http_answer(body, header);
    EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/a.jpg")))) << header;
    now = http_answer(body.substr(0, body.size() - 1), header);
    EXPECT_EQ(fetch_in_vain(server.url("/")).cause, Cause::truncated) << header;
    EXPECT_NE(server.requests().back().find("Accept-Encoding: gzip, deflate, br, zstd\r\n"), std::string::npos);
  }
}

TEST_F(PageFetcherTest, TakesALabelThatChangesNoByteForNoCoding) {
  std::string label;
  const RawServer server([&](const std::string&) {
    return RawAnswer{http_answer("<img src=a>", "Content-Encoding: " + label + "\r\n"), Then::close};
  });
  for (const char* each : {"", "none", "identity", "UTF-8", "binary", "aws-chunked", "text/html"}) {
    label = each;
    EXPECT_THAT(fetch(server.url("/")).images, ElementsAre(Pair(Cause::none, server.url("/a")))) << label;
  }
}

TEST_F(PageFetcherTest, RefusesAPageThatIsNotInItsCodingOrInOneThatNobodyKnows) {
  const auto cause_of = [this](const std::string& label, const std::string& body) {
    return fetch_answer_in_vain(http_answer(body, "Content-Encoding: " + label + "\r\n")).cause;
  };
  EXPECT_EQ(cause_of("gzip", "<img src=a>"), Cause::bad_response);
  EXPECT_EQ(cause_of("zstd", "<img src=a>"), Cause::bad_response);
  EXPECT_EQ(cause_of("br", pack_gzip("<img src=a>")), Cause::bad_response);
  EXPECT_EQ(cause_of("compress", "\x1f\x9d\x90\x3c\xd2\xb4"), Cause::bad_response);
  EXPECT_EQ(cause_of("gzip, gzip, gzip, gzip, gzip", pack_gzip("<img src=a>")), Cause::bad_response);
}

TEST_F(PageFetcherTest, CountsUnpackedBytes) {
  using namespace std::string_literals;
  const std::string packed =
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xac\xeb\x5f\xc2\x0c\xfe\x40\x01"s +
      std::string(193, '\0') + "\xaf\x01\x9b\x53\x69\xe0\x40\x0d\x03\x00"s;  // 200,000 times "a".
  const RawServer server([&](const std::string&) {
    return RawAnswer{http_answer(packed, "Content-Encoding: gzip\r\n"), Then::close};
  });
  settings_.page.max_bytes = 200'000;
  EXPECT_EQ(fetch(server.url("/")).end.cause, Cause::none);
  settings_.page.max_bytes = 199'999;
  EXPECT_EQ(fetch_in_vain(server.url("/")).cause, Cause::page_too_large);
}

TEST_F(PageFetcherTest, FollowsRedirects) {
  const RawServer server([&](const std::string& request) {
    std::string answer = http_answer("<img src=x>");
    if (request.starts_with("GET /a ")) answer = http_answer("", "Location: b/c?d#e\r\n", "301 Moved");
    if (request.starts_with("GET /b/c?d ")) answer = http_answer("", "Location:  \\e\\..\\last/ \r\n", "307 Moved");
    return RawAnswer{answer, Then::keep_alive};
  });
  const RecordsOfPage seen = fetch(server.url("/a"));
  EXPECT_EQ(seen.final_url, server.url("/last/"));
  EXPECT_THAT(seen.images, ElementsAre(Pair(Cause::none, server.url("/last/x"))));
  EXPECT_EQ(server.connections(), 1U) << "one connection serves all hops";
}

TEST_F(PageFetcherTest, RemembersThatTheServerAnsweredToWhichAllPagesRedirect) {
  settings_.http.allow_private = true;
  auto pages = std::make_unique<RawServer>([](const std::string&) { return RawAnswer{http_answer("<img src=a>")}; });
  const std::string elsewhere = pages->url("/", "localhost");
  const RawServer site([&](const std::string&) {
    return RawAnswer{http_answer("", "Location: " + elsewhere + "\r\n", "302 Found"), Then::keep_alive};
  });
  const auto fetcher = make_fetcher();
  const auto end_of_page = [&] {
    EXPECT_EQ(fetcher->fetch({.id = 7, .attempt = 1, .url = site.url("/")}), PageFetcher::Done::yes);
    return take_page(*consumer_).end;
  };
  EXPECT_EQ(end_of_page().cause, Cause::none);
  pages.reset();
  for (int page = 0; page < 2; ++page) {
    const PageEnd end = end_of_page();
    EXPECT_EQ(end.cause, Cause::connection_refused);
    EXPECT_EQ(end.http_status, 0) << "an outage, which is waited for";
  }
}

TEST_F(PageFetcherTest, SaysWhetherAnotherHostEndedThePage) {
  settings_.http.allow_private = true;
  const RawServer other(
      [](const std::string&) { return RawAnswer{http_answer("", "Retry-After: 99999\r\n", "429 Too Many Requests")}; });
  const RawServer site([&](const std::string& request) {
    const bool leads_away = request.starts_with("GET /away ");
    const std::string location = leads_away ? other.url("/") : "/busy";
    if (request.starts_with("GET /busy ")) return RawAnswer{http_answer("", "", "429 Too Many Requests")};
    return RawAnswer{http_answer("", "Location: " + location + "\r\n", "302 Found")};
  });
  EXPECT_EQ(fetch(site.url("/away")).final_url, other.url("/"));
  const PageEnd away = fetch_in_vain(site.url("/away"));
  EXPECT_EQ(away.http_status, 429);
  EXPECT_TRUE(away.elsewhere);
  const PageEnd own = fetch_in_vain(site.url("/own"));
  EXPECT_EQ(own.http_status, 429);
  EXPECT_FALSE(own.elsewhere);
}

TEST_F(PageFetcherTest, TakesABrokenHeaderForNoAnswer) {
  for (const char* status : {"302 Found", "404 Not Found"}) {
    const std::string half = std::string("HTTP/1.1 ") + status + "\r\nX-A: b\r\n";
    EXPECT_EQ(fetch_answer_in_vain(half, Then::reset).cause, Cause::connection_lost) << status;
    EXPECT_EQ(fetch_answer_in_vain(half).cause, Cause::truncated) << status;
  }
}

TEST_F(PageFetcherTest, EndsARedirectLoop) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("", "Location: /\r\n", "302 Found"), Then::keep_alive};
  });
  settings_.http.max_redirects = 3;
  const PageEnd end = fetch_in_vain(server.url("/"));
  EXPECT_EQ(end.cause, Cause::too_many_redirects);
  EXPECT_EQ(end.http_status, 302);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(PageFetcherTest, NamesARedirectToNowhere) {
  for (const char* line : {"", "Location: \r\n", "Location: ftp://127.0.0.1/\r\n", "Location: http://\r\n",
                           "Location: javascript:0\r\n"}) {
    EXPECT_EQ(fetch_answer_in_vain(http_answer("", line, "302 Found")).cause, Cause::bad_redirect) << line;
  }
}

TEST_F(PageFetcherTest, RefusesPrivateAddressesOnEveryHop) {
  const RawServer inner([](const std::string&) { return RawAnswer{http_answer("<img src=secret>"), Then::close}; });
  EXPECT_EQ(fetch_in_vain(inner.url("/", "127.0.0.2")).cause, Cause::private_address);
  EXPECT_EQ(
      fetch_answer_in_vain(http_answer("", "Location: " + inner.url("/", "localhost") + "\r\n", "302 Found")).cause,
      Cause::private_address);
  EXPECT_EQ(fetch_in_vain(inner.url("/", "[::ffff:127.0.0.1]")).cause, Cause::private_address);
  EXPECT_EQ(inner.connections(), 0U);

  settings_.http.allow_private = true;
  EXPECT_EQ(fetch(inner.url("/", "localhost")).images.size(), 1U);
}

TEST_F(PageFetcherTest, RefusesPrivateNamesAndBlockedPortsOnEveryHop) {
  EXPECT_EQ(fetch_in_vain("http://nas.lan/").cause, Cause::private_address);
  EXPECT_EQ(fetch_in_vain("http://127.0.0.1:25/").cause, Cause::blocked_port);
  const RawServer proxy([](const std::string& request) {
    const bool mail = request.find("/mail") != std::string::npos;
    const std::string to = mail ? "http://a.example:25/" : "http://x.localhost/";
    return RawAnswer{http_answer("", "Location: " + to + "\r\n", "302 Found"), Then::close};
  });
  settings_.http.proxy = proxy.url("");
  EXPECT_EQ(fetch_in_vain("http://a.example/page").cause, Cause::private_address);
  EXPECT_EQ(fetch_in_vain("http://a.example/mail").cause, Cause::blocked_port);
  EXPECT_EQ(proxy.requests().size(), 2U);
}

TEST_F(PageFetcherTest, TellsStatusAndRetryAfter) {
  const PageEnd end = fetch_answer_in_vain(http_answer("<img src=x>", "Retry-After: 7\r\n", "503 Busy"));
  EXPECT_EQ(end.cause, Cause::http_status);
  EXPECT_EQ(end.http_status, 503);
  EXPECT_EQ(end.retry_after_seconds, 7U);
  EXPECT_EQ(fetch_answer_in_vain(http_answer("<img src=x>", "", "404 Not Found")).http_status, 404);
}

TEST_F(PageFetcherTest, NamesHowTheConnectionFailed) {
  EXPECT_EQ(fetch_in_vain(refusing_url()).cause, Cause::connection_refused);
  EXPECT_EQ(fetch_answer_in_vain("", Then::reset).cause, Cause::connection_lost);
  EXPECT_EQ(fetch_answer_in_vain("").cause, Cause::connection_lost);
  EXPECT_EQ(fetch_answer_in_vain("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<img src=x>").cause, Cause::truncated);
  EXPECT_EQ(fetch_answer_in_vain("what?\r\n\r\n").cause, Cause::bad_response);
  EXPECT_EQ(fetch_in_vain("http://").cause, Cause::bad_url);
  EXPECT_EQ(fetch_in_vain("ftp://127.0.0.1/").cause, Cause::unsupported_scheme);
}

TEST_F(PageFetcherTest, GivesUpASlowPage) {
  settings_.page.timeout = milliseconds(150);
  EXPECT_EQ(fetch_answer_in_vain("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<img src=x>", Then::hold_open).cause,
            Cause::timeout);
  EXPECT_EQ(fetch_answer_in_vain("", Then::hold_open).cause, Cause::timeout);
}

/// For which a page is not to blame: it was "unreachable" at once.
TEST_F(PageFetcherTest, WaitsWhileTheSystemHasNoDescriptor) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer takes descriptors of its own";
  settings_.page.timeout = milliseconds(1200);
  const RawServer server([](const std::string&) { return RawAnswer{http_answer("<img src=1>"), Then::close}; });
  const auto fetcher = make_fetcher();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(fetcher->fetch({.id = 7, .attempt = 1, .url = server.url("/")}), PageFetcher::Done::yes);
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(take_page(*consumer_).end.cause, Cause::timeout);
  EXPECT_EQ(fetcher->fetch({.id = 7, .attempt = 2, .url = server.url("/")}), PageFetcher::Done::yes);
  EXPECT_EQ(take_page(*consumer_).end.cause, Cause::none);
}

TEST_F(PageFetcherTest, BoundsTheHeader) {
  settings_.http.max_header_bytes = 1000;
  EXPECT_EQ(fetch_answer_in_vain(http_answer("<img src=x>", "X: " + std::string(1000, 'x') + "\r\n")).cause,
            Cause::bad_response);
}

TEST_F(PageFetcherTest, KeepsConnectionsFromPageToPage) {
  const RawServer server([](const std::string&) { return RawAnswer{http_answer("<img src=1>"), Then::keep_alive}; });
  const auto fetcher = make_fetcher();
  for (std::uint64_t page = 1; page <= 5; ++page) {
    EXPECT_EQ(fetcher->fetch({.id = page, .attempt = 1, .url = server.url("/")}), PageFetcher::Done::yes);
    EXPECT_EQ(take_page(*consumer_).end.page, page);
  }
  EXPECT_EQ(server.connections(), 1U);
}

}  // namespace
}  // namespace doutu

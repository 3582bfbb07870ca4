// Pages that obey robots.txt: what a fetcher asks for, in which order, and what it says about that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "shared/robots/robots_rules.h"
#include "tests/crawler/fetcher/page_fetcher_fixture.h"

namespace doutu {
namespace {

using testing::ElementsAre;

/// "GET /a HTTP/1.1..." is "/a".
std::vector<std::string> paths(const RawServer& server) {
  std::vector<std::string> paths;
  for (const std::string& head : server.requests()) paths.push_back(head.substr(4, head.find(' ', 4) - 4));
  return paths;
}

class PageRobotsTest : public PageFetcherTest {
 protected:
  /// A page that a link led to.
  RecordsOfPage fetch_found(PageFetcher& fetcher, const std::string& url, RobotsBook::Rules known = nullptr) {
    const PageTask task{.id = kFirstFoundPage + ++found_, .attempt = 1, .url = url, .step = 1};
    EXPECT_EQ(fetcher.fetch(task, {}, std::move(known)), PageFetcher::Done::yes);
    return take_page(*consumer_);
  }

  static RawAnswer site(const std::string& head) {
    if (head.starts_with("GET /robots.txt ")) return {http_answer("User-agent: *\nDisallow: /no\n"), Then::keep_alive};
    if (head.starts_with("GET /go ")) {
      return {http_answer("", "Location: /no/x\r\n", "302 Found"), Then::keep_alive};
    }
    return {http_answer("<img src=a.jpg>"), Then::keep_alive};
  }

  std::uint64_t found_ = 0;
};

TEST_F(PageRobotsTest, AreNotAskedForByANamedPage) {
  const RawServer server(site);
  EXPECT_EQ(fetch(server.url("/no/1")).end.cause, Cause::none);
  EXPECT_THAT(paths(server), ElementsAre("/no/1"));
}

TEST_F(PageRobotsTest, AreNotAskedByALoginThatIsRepeatedAfterAFoundPage) {
  const RawServer server(site);
  const auto fetcher = make_fetcher();
  EXPECT_EQ(fetch_found(*fetcher, server.url("/no/1")).end.cause, Cause::robots);
  EXPECT_EQ(fetcher->prepare({.request = {.url = server.url("/no/login")}, .cookies = {}}).cause, Cause::none);
  EXPECT_THAT(paths(server), ElementsAre("/robots.txt", "/no/login"));
}

TEST_F(PageRobotsTest, AreReadBeforeAFoundPageAndSaid) {
  const RawServer server(site);
  const auto fetcher = make_fetcher();
  const RecordsOfPage allowed = fetch_found(*fetcher, server.url("/yes"));
  EXPECT_EQ(allowed.end.cause, Cause::none);
  EXPECT_EQ(allowed.robots, "-/no\n");
  const RecordsOfPage forbidden = fetch_found(*fetcher, server.url("/no"));
  EXPECT_EQ(forbidden.end.cause, Cause::robots);
  EXPECT_EQ(forbidden.final_url, std::nullopt);
  // Of its own server a page knows what the parent knows.
  EXPECT_THAT(paths(server), ElementsAre("/robots.txt", "/yes", "/robots.txt"));
}

TEST_F(PageRobotsTest, AreTakenFromTheParentWhereItKnowsThem) {
  const RawServer server(site);
  const auto known = std::make_shared<RobotsRules>(RobotsRules::parse("User-agent: *\nDisallow: /yes\n"));
  const auto fetcher = make_fetcher();
  const RecordsOfPage forbidden = fetch_found(*fetcher, server.url("/yes"), known);
  EXPECT_EQ(forbidden.end.cause, Cause::robots);
  EXPECT_EQ(forbidden.robots, std::nullopt);
  EXPECT_EQ(fetch_found(*fetcher, server.url("/no"), known).end.cause, Cause::none);
  EXPECT_THAT(paths(server), ElementsAre("/no"));
}

TEST_F(PageRobotsTest, JudgeWhereARedirectLeads) {
  const RawServer server(site);
  const RecordsOfPage seen = fetch_found(*make_fetcher(), server.url("/go"));
  EXPECT_EQ(seen.end.cause, Cause::robots);
  EXPECT_EQ(seen.final_url, server.url("/no/x"));
  EXPECT_THAT(paths(server), ElementsAre("/robots.txt", "/go"));
}

TEST_F(PageRobotsTest, OfAnotherServerAreReadOnceAndNotSaid) {
  const RawServer other(site);
  const RawServer server([&](const std::string& head) {
    if (head.starts_with("GET /robots.txt ")) return RawAnswer{http_answer("", "", "404 Not Found"), Then::keep_alive};
    return RawAnswer{http_answer("", "Location: " + other.url("/yes") + "\r\n", "302 Found"), Then::keep_alive};
  });
  settings_.http.allow_private = true;
  const auto fetcher = make_fetcher();
  EXPECT_EQ(fetch_found(*fetcher, server.url("/1")).robots, "");
  const auto all = std::make_shared<RobotsRules>();
  EXPECT_EQ(fetch_found(*fetcher, server.url("/2"), all).end.cause, Cause::none);
  EXPECT_THAT(paths(other), ElementsAre("/robots.txt", "/yes", "/yes"));
}

TEST_F(PageRobotsTest, FailThePageWhereTheyCannotBeRead) {
  const RawServer server([](const std::string&) {
    return RawAnswer{http_answer("", "Retry-After: 7\r\n", "503 Service Unavailable"), Then::close};
  });
  const RecordsOfPage seen = fetch_found(*make_fetcher(), server.url("/yes"));
  EXPECT_EQ(seen.end.cause, Cause::http_status);
  EXPECT_EQ(seen.end.http_status, 503);
  EXPECT_EQ(seen.end.retry_after_seconds, 7U);
  EXPECT_EQ(seen.final_url, server.url("/robots.txt"));
  EXPECT_EQ(seen.robots, std::nullopt);
  EXPECT_THAT(paths(server), ElementsAre("/robots.txt"));
}

TEST_F(PageRobotsTest, AreNobodysConcernIfTheUserSaysSo) {
  const RawServer server(site);
  settings_.politeness.robots = Robots::nothing;
  EXPECT_EQ(fetch_found(*make_fetcher(), server.url("/no")).end.cause, Cause::none);
  settings_.politeness.robots = Robots::everything;
  EXPECT_EQ(fetch_in_vain(server.url("/no")).cause, Cause::robots);
  EXPECT_THAT(paths(server), ElementsAre("/no", "/robots.txt"));
}

}  // namespace
}  // namespace doutu

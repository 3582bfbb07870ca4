// Where a transfer goes: redirects, and addresses and ports that it may not ask.
#include <gtest/gtest.h>

#include <string>

#include "tests/downloader/check/small_gif.h"
#include "tests/downloader/transfer/transfer_pool_fixture.h"

namespace doutu {
namespace {

TEST_F(TransferPoolTest, FollowsRedirectsAndSaysWhereTheyLed) {
  site_.respond("/1", Response{.status = 301, .headers = {{"Location", "/2"}}});
  site_.respond("/2", Response{.status = 307, .headers = {{"Location", site_.url("/dir/3?x=1")}}, .body = "moved"});
  site_.respond("/dir/3?x=1", Response{.status = 302, .headers = {{"Location", "../end.gif#here"}}});
  site_.file("/end.gif", small_gif(100));
  const ImageOutcome outcome = fetch("/1");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.url, site_.url("/1"));
  EXPECT_EQ(outcome.final_url, site_.url("/end.gif"));
  EXPECT_EQ(outcome.attempts, 1U);
}

TEST_F(TransferPoolTest, FollowsRedirectsToAnotherHostAndBack) {
  TestSite other;
  site_.respond("/1", Response{.status = 301, .headers = {{"Location", other.url("/2")}}});
  other.respond("/2", Response{.status = 302, .headers = {{"Location", "/3"}}});
  other.respond("/3", Response{.status = 302, .headers = {{"Location", site_.url("/end.gif")}}});
  site_.file("/end.gif", small_gif(100));
  const ImageOutcome outcome = fetch("/1");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.url, site_.url("/1"));
  EXPECT_EQ(outcome.final_url, site_.url("/end.gif"));
  EXPECT_EQ(outcome.attempts, 1U);
}

TEST_F(TransferPoolTest, TellsOfThePageWhatTheRedirectsAllowFromThereOn) {
  TestSite other;
  const auto to = [](const std::string& url, const std::string& policy) {
    return Response{.status = 302, .headers = {{"Location", url}, {"Referrer-Policy", policy}}};
  };
  referrer_policy_ = ReferrerPolicy::unsafe_url;
  site_.respond("/1", to("/2", "from-the-future"));
  site_.respond("/2", to(other.url("/3"), "origin"));
  other.respond("/3", to("/4", "no-referrer"));
  other.respond("/4", to(site_.url("/end.gif"), ""));
  site_.file("/end.gif", small_gif(100));
  EXPECT_EQ(fetch("/1").kind, Kind::fetched);
  EXPECT_EQ(site_.log().at(0).header("referer"), "http://pages.example/list?page=1");
  EXPECT_EQ(site_.log().at(1).header("referer"), "http://pages.example/list?page=1") << "it names none that is known";
  EXPECT_EQ(other.log().at(0).header("referer"), "http://pages.example/");
  EXPECT_EQ(other.log().at(1).header("referer"), "");
  EXPECT_EQ(site_.log().at(2).header("referer"), "");
}

TEST_F(TransferPoolTest, DoesNotFollowRedirectsBetweenHostsForEver) {
  TestSite other;
  site_.respond("/a", Response{.status = 302, .headers = {{"Location", other.url("/b")}}});
  other.respond("/b", Response{.status = 302, .headers = {{"Location", site_.url("/a")}}});
  expect_failed(fetch("/a"), Cause::too_many_redirects, 1);
  EXPECT_EQ(site_.count("/a") + other.count("/b"), settings_.http.max_redirects + 1);
}

TEST_F(TransferPoolTest, StartsAtTheFirstUrlAgainWhenARedirectFails) {
  TestSite other;
  site_.respond("/1", Response{.status = 302, .headers = {{"Location", other.url("/2")}}});
  other.respond("/2", {Response{.status = 500}, Response{.body = small_gif(100)}});
  EXPECT_EQ(fetch("/1").attempts, 2U);
  EXPECT_EQ(site_.count("/1"), 2U);
}

TEST_F(TransferPoolTest, DoesNotFollowRedirectsForEver) {
  site_.respond("/loop", Response{.status = 302, .headers = {{"Location", "/loop"}}});
  expect_failed(fetch("/loop"), Cause::too_many_redirects, 1);
  EXPECT_EQ(site_.count("/loop"), settings_.http.max_redirects + 1);
}

TEST_F(TransferPoolTest, DoesNotFollowRedirectsOutOfTheWeb) {
  for (const std::string location : {"file:///etc/passwd", "ftp://example.com/a.gif", "http://", ""}) {
    site_.respond("/out", Response{.status = 302, .headers = {{"Location", location}}});
    const ImageOutcome outcome = fetch("/out");
    SCOPED_TRACE(location);
    expect_failed(outcome, Cause::bad_redirect, outcome.attempts);
  }
}

TEST_F(TransferPoolTest, RefusesPrivateAddressesAlsoBehindARedirect) {
  settings_.http.allow_private = false;
  settings_.http.site_host = "127.0.0.1";
  site_.respond("/out", Response{.status = 302, .headers = {{"Location", "http://localhost:1/a.gif"}}});
  expect_failed(fetch("/out"), Cause::private_address, 1);
}

TEST_F(TransferPoolTest, HandsNoProxyAPrivateAddress) {
  settings_.http.allow_private = false;
  settings_.http.proxy = site_.url();
  expect_failed(fetch_url("http://name.example/a.gif"), Cause::http_status, 1);
  EXPECT_EQ(site_.log().size(), 1U);
  for (const char* host : {"127.0.0.1", "[::1]", "localhost", "x.localhost", "localhost.", "nas", "printer.local"}) {
    SCOPED_TRACE(host);
    expect_failed(fetch_url("http://" + std::string(host) + "/a.gif"), Cause::private_address, 1);
  }
  EXPECT_EQ(site_.log().size(), 1U);
}

TEST_F(TransferPoolTest, AsksNoPortOfAnotherProtocol) {
  expect_failed(fetch_url("http://127.0.0.1:25/a.gif"), Cause::blocked_port, 1);
  site_.respond("/out", Response{.status = 302, .headers = {{"Location", "http://127.0.0.1:6667/a.gif"}}});
  expect_failed(fetch("/out"), Cause::blocked_port, 1);
}

TEST_F(TransferPoolTest, AsksTheTemplatesOwnPortWhateverItIs) {
  settings_.http.site_origin = "http://127.0.0.1:1";
  settings_.politeness.retries = 0;
  expect_failed(fetch_url("http://127.0.0.1:1/a.gif"), Cause::connection_refused, 1);
}

TEST_F(TransferPoolTest, EndsRedirectsThatTakeTooLongTogether) {
  settings_.image.timeout = milliseconds(500);
  settings_.politeness.retries = 0;
  site_.respond("/slow", Response{.status = 302, .headers = {{"Location", "/slow"}}, .delay = milliseconds(200)});
  expect_failed(fetch("/slow"), Cause::timeout, 1);
}

TEST_F(TransferPoolTest, EndsRedirectsBetweenHostsThatTakeTooLongTogether) {
  settings_.image.timeout = milliseconds(500);
  settings_.politeness.retries = 0;
  TestSite other;
  const auto slowly_to = [](const std::string& url) {
    return Response{.status = 302, .headers = {{"Location", url}}, .delay = milliseconds(200)};
  };
  site_.respond("/slow", slowly_to(other.url("/slow")));
  other.respond("/slow", slowly_to(site_.url("/slow")));
  expect_failed(fetch("/slow"), Cause::timeout, 1);
}

}  // namespace
}  // namespace doutu

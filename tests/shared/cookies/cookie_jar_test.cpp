#include "shared/cookies/cookie_jar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "shared/cookies/set_cookie.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using From = CookieJar::From;

constexpr std::int64_t kNow = 1'700'000'000'000;

/// A jar whose time stands still, and moves by a millisecond with each answer.
struct Browser {
  CookieJar jar;
  std::int64_t now = kNow;

  bool set(std::string_view url, std::string_view value) {
    const auto cookie = read_set_cookie(value, {.url = url, .now_ms = ++now});
    return cookie && jar.put(*cookie, now);
  }
  [[nodiscard]] std::string get(std::string_view url, From from = From::page) const {
    return jar.header_for(url, now, from);
  }
};

std::vector<std::string> names(const std::vector<Cookie>& cookies) {
  std::vector<std::string> names;
  for (const Cookie& cookie : cookies) names.push_back(cookie.name);
  return names;
}

TEST(CookieJar, SendsWhatMatchesTheHost) {
  Browser browser;
  browser.set("https://www.example.com/", "own=1");
  browser.set("https://www.example.com/", "all=2; Domain=example.com");
  EXPECT_EQ(browser.get("https://www.example.com/"), "own=1; all=2");
  EXPECT_EQ(browser.get("https://img.example.com/"), "all=2");
  EXPECT_EQ(browser.get("https://example.com/"), "all=2");
  EXPECT_EQ(browser.get("https://badexample.com/"), "");
  EXPECT_EQ(browser.get("https://www.example.com:8443/"), "own=1; all=2") << "cookies know no ports";
}

TEST(CookieJar, SendsLongerPathsFirstThenOlderCookies) {
  Browser browser;
  browser.set("https://example.com/a/b/c", "one=1; Path=/");
  browser.set("https://example.com/a/b/c", "two=2; Path=/a");
  browser.set("https://example.com/a/b/c", "three=3; Path=/a/b");
  browser.set("https://example.com/a/b/c", "four=4; Path=/");
  EXPECT_EQ(browser.get("https://example.com/a/b/x?q"), "three=3; two=2; one=1; four=4");
  EXPECT_EQ(browser.get("https://example.com/a"), "two=2; one=1; four=4");
  EXPECT_EQ(browser.get("https://example.com/ab"), "one=1; four=4");
}

TEST(CookieJar, KeepsTheOrderWithinAMillisecond) {
  CookieJar jar;
  for (const char* value : {"c=1", "a=2", "b=3"}) {
    jar.put(*read_set_cookie(value, {.url = "https://example.com/", .now_ms = kNow}), kNow);
  }
  EXPECT_EQ(jar.header_for("https://example.com/", kNow, From::page), "c=1; a=2; b=3");
}

TEST(CookieJar, SendsASecureCookieByHttpsAlone) {
  Browser browser;
  browser.set("https://example.com/", "a=b; Secure");
  EXPECT_EQ(browser.get("https://example.com/"), "a=b");
  EXPECT_EQ(browser.get("http://example.com/"), "");
  browser.set("https://localhost/", "a=b; Secure");
  EXPECT_EQ(browser.get("http://localhost/"), "");
}

TEST(CookieJar, SendsToAnotherSiteOnlyWhatIsMeantForIt) {
  Browser browser;
  browser.set("https://example.com/", "unset=1; Secure");
  browser.set("https://example.com/", "none=2; Secure; SameSite=None");
  browser.set("https://example.com/", "lax=3; Secure; SameSite=Lax");
  browser.set("https://example.com/", "strict=4; Secure; SameSite=Strict");
  Cookie given = browser.jar.all().front();
  given.name = "given";
  given.same_site = SameSite::given;
  given.secure = false;
  browser.jar.put(given, browser.now);
  EXPECT_EQ(browser.get("https://example.com/", From::other_site), "given=1; none=2");
  EXPECT_EQ(browser.get("http://example.com/", From::other_site), "given=1");
  EXPECT_EQ(browser.get("https://example.com/"), "unset=1; given=1; none=2; lax=3; strict=4");
}

TEST(CookieJar, SendsAValueWithoutANameAlone) {
  Browser browser;
  browser.set("https://example.com/", "a=b");
  browser.set("https://example.com/", "=c=d");
  EXPECT_EQ(browser.get("https://example.com/"), "a=b; c=d");
}

TEST(CookieJar, ReplacesACookieOfTheSameNameDomainAndPathInItsPlace) {
  Browser browser;
  browser.set("https://example.com/", "a=1");
  browser.set("https://example.com/", "b=2");
  EXPECT_TRUE(browser.set("https://example.com/", "a=3"));
  EXPECT_EQ(browser.get("https://example.com/"), "a=3; b=2");
  EXPECT_EQ(browser.jar.all().front().created, kNow + 1);
  browser.set("https://example.com/x/y", "a=4");
  browser.set("https://example.com/", "a=5; Domain=example.com");
  EXPECT_EQ(browser.get("https://example.com/x/"), "a=4; a=3; b=2; a=5") << "another path, another domain";
}

TEST(CookieJar, SaysWhetherSomethingChanged) {
  Browser browser;
  EXPECT_TRUE(browser.set("https://example.com/", "a=1"));
  EXPECT_FALSE(browser.set("https://example.com/", "a=1"));
  EXPECT_TRUE(browser.set("https://example.com/", "a=1; HttpOnly"));
  EXPECT_FALSE(browser.set("https://example.com/", "x=1; Max-Age=0"));
  EXPECT_TRUE(browser.set("https://example.com/", "a=; Max-Age=0"));
  EXPECT_TRUE(browser.jar.empty());
}

TEST(CookieJar, DoesNotSendWhatHasExpired) {
  Browser browser;
  browser.set("https://example.com/", "a=1; Max-Age=60");
  browser.now += 59'000;
  EXPECT_EQ(browser.get("https://example.com/"), "a=1");
  browser.now += 1'000;
  EXPECT_EQ(browser.get("https://example.com/"), "");
  EXPECT_TRUE(browser.jar.for_host("example.com", browser.now).empty());
}

TEST(CookieJar, KeepsSecureCookiesFromAnswersOverHttp) {
  Browser browser;
  browser.set("https://www.example.com/", "sid=good; Secure; Domain=example.com; Path=/shop");
  EXPECT_FALSE(browser.set("http://www.example.com/", "sid=bad; Domain=example.com; Path=/shop"));
  EXPECT_FALSE(browser.set("http://www.example.com/", "sid=; Domain=example.com; Path=/shop; Max-Age=0"));
  EXPECT_FALSE(browser.set("http://www.example.com/", "sid=bad; Path=/shop/cart")) << "a host below, a path below";
  EXPECT_FALSE(browser.set("http://example.com/", "sid=bad; Path=/shop")) << "the host above";
  EXPECT_TRUE(browser.set("http://www.example.com/", "sid=other; Path=/blog")) << "another path";
  EXPECT_TRUE(browser.set("http://www.example.com/", "other=1; Path=/shop")) << "another name";
  EXPECT_EQ(browser.get("https://www.example.com/shop"), "sid=good; other=1");
  EXPECT_TRUE(browser.set("https://www.example.com/", "sid=; Domain=example.com; Path=/shop; Max-Age=0"))
      << "https may, without Secure, too";
}

TEST(CookieJar, FindsWhatAHostCanGetWhateverThePathOrScheme) {
  Browser browser;
  browser.set("https://www.example.com/", "own=1; Secure");
  browser.set("https://www.example.com/", "all=2; Domain=example.com; Path=/x");
  browser.set("https://img.example.com/", "img=3");
  browser.set("https://example.org/", "org=4");
  EXPECT_THAT(names(browser.jar.for_host("www.example.com", kNow)), ElementsAre("own", "all"));
  EXPECT_THAT(names(browser.jar.for_host("img.example.com", kNow)), ElementsAre("all", "img"));
  EXPECT_THAT(names(browser.jar.all()), ElementsAre("own", "all", "img", "org"));
}

TEST(CookieJar, IsTheSameWhenItIsFilledFromAllThatItHad) {
  Browser browser;
  browser.set("https://example.com/", "b=1");
  browser.set("https://example.com/", "a=2; Path=/x");
  browser.set("https://example.com/", "b=3");
  CookieJar copy;
  for (const Cookie& cookie : browser.jar.all()) copy.put(cookie, browser.now);
  EXPECT_EQ(copy.all(), browser.jar.all());
  EXPECT_EQ(copy.header_for("https://example.com/x", kNow, From::page), "a=2; b=3");
}

TEST(CookieJar, NeverSendsACookieThatNamesAPublicSuffix) {
  Cookie cookie;
  cookie.name = "a";
  cookie.domain = "github.io";
  cookie.host_only = false;
  CookieJar jar;
  jar.put(cookie, kNow);
  EXPECT_EQ(jar.header_for("https://alice.github.io/", kNow, From::page), "");
}

TEST(CookieJar, KeepsAsManyOfASiteAsBrowsersDo) {
  Browser browser;
  browser.set("https://example.org/", "other=1");
  for (std::size_t i = 0; i <= kMaxCookiesOfSite; ++i) {
    browser.set("https://h" + std::to_string(i) + ".example.com/", "n" + std::to_string(i) + "=1; Domain=example.com");
  }
  EXPECT_EQ(browser.jar.size(), kMaxCookiesOfSite + 1) << "the other site's has not gone";
  EXPECT_THAT(browser.get("https://example.com/"), testing::StartsWith("n1=1; n2=1;"));
}

TEST(CookieJar, LetsExpiredOnesGoBeforeOldOnes) {
  Browser browser;
  browser.set("https://example.com/", "old=1");
  browser.set("https://example.com/", "short=1; Max-Age=1");
  for (std::size_t i = 2; i < kMaxCookiesOfSite; ++i) {
    browser.set("https://example.com/", "n" + std::to_string(i) + "=1");
  }
  browser.now += 2'000;
  browser.set("https://example.com/", "new=1");
  EXPECT_EQ(browser.jar.size(), kMaxCookiesOfSite);
  EXPECT_THAT(browser.get("https://example.com/"), testing::StartsWith("old=1; n2=1;"));
}

TEST(CookieJar, TakesAHundredThousandInLessThanASecond) {
  Browser browser;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100'000; ++i) {
    Cookie cookie;
    cookie.name = "n" + std::to_string(i);
    cookie.domain = "h" + std::to_string(i % 1000) + ".example" + std::to_string(i % 500) + ".com";
    cookie.created = kNow - (i % 2 == 0 ? i : -i);
    cookie.expires = kNow / 1000 + 1000 + i;
    browser.jar.put(cookie, kNow);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds", static_cast<int>(took.count() * 1000));
  EXPECT_EQ(browser.jar.size(), kMaxCookies);
  EXPECT_LT(took.count(), 10) << "a tenth of it is expected; sanitizers and busy machines are slower";
}

}  // namespace
}  // namespace doutu

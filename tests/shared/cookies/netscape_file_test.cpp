#include "shared/cookies/netscape_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::int64_t kLast = kNow + kMaxCookieAge;

NetscapeCookies read(std::string_view text) { return read_netscape_cookies(text, kNow * 1000); }

/// The only cookie of a line; one without a name when there is none.
Cookie one(const std::string& line) {
  const NetscapeCookies read_cookies = read(line);
  return read_cookies.cookies.size() == 1 ? read_cookies.cookies.front() : Cookie();
}

std::int64_t expiry(const std::string& text) { return one("a.example\tFALSE\t/\tFALSE\t" + text + "\tn\tv").expires; }

TEST(NetscapeFile, IsReadAsCurlWritesIt) {
  const NetscapeCookies file = read(
      "# Netscape HTTP Cookie File\n"
      "# https://curl.se/docs/http-cookies.html\n"
      "\n"
      "#HttpOnly_.example.com\tTRUE\t/shop\tTRUE\t1700000100\tsid\tabc\n"
      "www.example.com\tFALSE\t/\tFALSE\t0\tlang\tzh\n");
  ASSERT_EQ(file.cookies.size(), 2U);
  Cookie sid;
  sid.name = "sid";
  sid.value = "abc";
  sid.domain = "example.com";
  sid.host_only = false;
  sid.path = "/shop";
  sid.expires = 1'700'000'100;
  sid.secure = sid.http_only = true;
  sid.created = kNow * 1000;
  EXPECT_EQ(file.cookies[0], sid);
  EXPECT_EQ(file.cookies[1].domain, "www.example.com");
  EXPECT_TRUE(file.cookies[1].host_only);
  EXPECT_EQ(file.odd_count, 0U);
}

TEST(NetscapeFile, MayComeFromWindows) {
  const NetscapeCookies file =
      read("\xef\xbb\xbf# Netscape HTTP Cookie File\r\n\r\na.example\tFALSE\t/\tFALSE\t0\tn\tv\r\n");
  ASSERT_EQ(file.cookies.size(), 1U);
  EXPECT_EQ(file.cookies[0].value, "v");
  EXPECT_EQ(file.odd_count, 0U);
}

TEST(NetscapeFile, MayEndWithoutALineEnd) { EXPECT_EQ(one("a.example\tFALSE\t/\tFALSE\t0\tn\tv").name, "n"); }

TEST(NetscapeFile, MayHaveSpacesForTabsAsCopiedTextHas) {
  const Cookie cookie = one("a.example    FALSE  /   FALSE   0   n   v w");
  EXPECT_EQ(cookie.name, "n");
  EXPECT_EQ(cookie.value, "v w");
  EXPECT_EQ(one("a.example FALSE / FALSE 0 n").name, "n");
}

TEST(NetscapeFile, MayLackTheValueOfACookieThatHasNone) {
  for (const char* line : {"a.example\tFALSE\t/\tFALSE\t0\tn", "a.example\tFALSE\t/\tFALSE\t0\tn\t"}) {
    EXPECT_EQ(one(line).name, "n") << line;
    EXPECT_EQ(one(line).value, "") << line;
  }
  const Cookie nameless = one("a.example\tFALSE\t/\tFALSE\t0\t\tv");
  EXPECT_EQ(nameless.name, "");
  EXPECT_EQ(nameless.value, "v");
}

TEST(NetscapeFile, GivesACookieToSubdomainsByADotOrByAWord) {
  EXPECT_FALSE(one(".a.example\tTRUE\t/\tFALSE\t0\tn\tv").host_only);
  EXPECT_FALSE(one("a.example\tTRUE\t/\tFALSE\t0\tn\tv").host_only);
  EXPECT_FALSE(one(".a.example\tFALSE\t/\tFALSE\t0\tn\tv").host_only);
  EXPECT_TRUE(one("a.example\tFALSE\t/\tFALSE\t0\tn\tv").host_only);
  EXPECT_EQ(one(".a.example\tFALSE\t/\tFALSE\t0\tn\tv").domain, "a.example");
}

TEST(NetscapeFile, GivesNoCookieToAllBelowAPublicSuffix) {
  EXPECT_TRUE(one(".co.uk\tTRUE\t/\tFALSE\t0\tn\tv").host_only);
  EXPECT_TRUE(one("localhost\tTRUE\t/\tFALSE\t0\tn\tv").host_only);
  EXPECT_TRUE(one("127.0.0.1\tTRUE\t/\tFALSE\t0\tn\tv").host_only);
}

TEST(NetscapeFile, SpellsHostsAsUrlsDo) {
  EXPECT_EQ(one("EXAMPLE.com\tFALSE\t/\tFALSE\t0\tn\tv").domain, "example.com");
  EXPECT_EQ(one("b\xc3\xbc"
                "cher.example\tFALSE\t/\tFALSE\t0\tn\tv")
                .domain,
            "xn--bcher-kva.example");
  EXPECT_EQ(one("::1\tFALSE\t/\tFALSE\t0\tn\tv").domain, "[::1]");
  EXPECT_EQ(one("[::1]\tFALSE\t/\tFALSE\t0\tn\tv").domain, "[::1]");
}

TEST(NetscapeFile, ReadsExpiryInTheUnitsThatExportersWrite) {
  EXPECT_EQ(expiry("0"), 0);
  EXPECT_EQ(expiry("-1"), 0);
  EXPECT_EQ(expiry("1700000100"), 1'700'000'100);
  EXPECT_EQ(expiry("1700000100.75"), 1'700'000'100);
  EXPECT_EQ(expiry("1.7000001e9"), 1'700'000'100);
  EXPECT_EQ(expiry("1700000100000"), 1'700'000'100) << "milliseconds";
  EXPECT_EQ(expiry("1700000100000000"), 1'700'000'100) << "microseconds";
  EXPECT_EQ(expiry("1900000000"), kLast) << "at most 400 days";
  EXPECT_EQ(expiry("9007199254740993"), kLast) << "beyond 2^53";
  EXPECT_EQ(expiry("99999999999999999999999999"), kLast);
  EXPECT_EQ(expiry("1e999"), kLast);
}

TEST(NetscapeFile, CountsWhatHasExpired) {
  const NetscapeCookies file =
      read("a.example\tFALSE\t/\tFALSE\t1600000000\tn\tv\na.example\tFALSE\t/\tFALSE\t0.5\tn\tv\n");
  EXPECT_EQ(file.expired, 2U);
  EXPECT_TRUE(file.cookies.empty());
  EXPECT_EQ(file.odd_count, 0U);
}

TEST(NetscapeFile, NamesTheLinesThatAreNoCookie) {
  const NetscapeCookies file = read(
      "# comment\n"
      "hello\n"
      "a.example\tFALSE\t/\tFALSE\t0\tn\tv\n"
      "a.example\tmaybe\t/\tFALSE\t0\tn\tv\n"
      "a.example\tFALSE\t/\t1\t0\tn\tv\n"
      "a.example\tFALSE\t/\tFALSE\tsoon\tn\tv\n"
      "a.example\tFALSE\t/\tFALSE\tnan\tn\tv\n"
      "a.example\tFALSE\tx\tFALSE\t0\tn\tv\n"
      "a example\tFALSE\t/\tFALSE\t0\tn\tv\n"
      "a.example\tFALSE\t/\tFALSE\t0\tn\tv\tw\tx\n"
      "a.example\tFALSE\t/\tFALSE\t0\tn\tv;w\n"
      "a.example\tFALSE\t/\tFALSE\t0\t\t\n"
      "a.example\tFALSE\t/\tFALSE\t0\n");
  EXPECT_EQ(file.cookies.size(), 1U);
  EXPECT_EQ(file.odd_count, 11U);
  EXPECT_THAT(file.odd_lines, ElementsAre(2, 4, 5, 6, 7, 8, 9, 10, 11, 12)) << "ten of them";
}

TEST(NetscapeFile, IsToldFromOtherFiles) {
  EXPECT_EQ(read(" [\n  {\"domain\": \"a.example\"}]").kind, CookieFileKind::json);
  EXPECT_EQ(read("[]").kind, CookieFileKind::json);
  EXPECT_EQ(read("\xef\xbb\xbf{\"cookies\": []}").kind, CookieFileKind::json);
  EXPECT_EQ(read(std::string_view("\xff\xfe#\0 \0", 6)).kind, CookieFileKind::utf16);
  EXPECT_EQ(read("SQLite format 3").kind, CookieFileKind::sqlite);
  EXPECT_EQ(read("").kind, CookieFileKind::netscape);
  EXPECT_EQ(read("[::1]\tFALSE\t/\tFALSE\t0\tn\tv").kind, CookieFileKind::netscape);
}

TEST(NetscapeFile, IsWrittenAsItsReadersWantIt) {
  Cookie all;
  all.name = "all";
  all.value = "1";
  all.domain = "example.com";
  all.host_only = false;
  all.secure = all.http_only = true;
  all.expires = 1'700'000'100;
  Cookie own;
  own.name = "own";
  own.domain = "[::1]";
  EXPECT_EQ(netscape_cookies_text({all, own}),
            "# Netscape HTTP Cookie File\n"
            "#HttpOnly_.example.com\tTRUE\t/\tTRUE\t1700000100\tall\t1\n"
            "::1\tFALSE\t/\tFALSE\t0\town\t\n");
  EXPECT_EQ(netscape_cookies_text({}), "# Netscape HTTP Cookie File\n");
}

TEST(NetscapeFile, ReadsWhatItWrites) {
  std::vector<Cookie> cookies = read(
                                    ".a.example\tTRUE\t/x\tTRUE\t1700000100\tn\tv\n"
                                    "#HttpOnly_[::1]\tFALSE\t/\tFALSE\t0\t\tv\n")
                                    .cookies;
  ASSERT_EQ(cookies.size(), 2U);
  EXPECT_EQ(read(netscape_cookies_text(cookies)).cookies, cookies);
}

}  // namespace
}  // namespace doutu

#include "shared/cookies/set_cookie.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;  // seconds: 2023-11-14
constexpr std::string_view kPage = "https://www.example.com/shop/list?page=2";

std::optional<Cookie> set(std::string_view value, std::string_view url = kPage) {
  return read_set_cookie(value, {.url = url, .now_ms = kNow * 1000 + 5});
}

/// "name=value" of what is set; "ignored".
std::string pair_of(std::string_view value) {
  const auto cookie = set(value);
  return cookie ? cookie->name + "=" + cookie->value : "ignored";
}

bool is_ignored(std::string_view value, std::string_view url = kPage) { return !set(value, url).has_value(); }

TEST(SetCookie, SetsACookieOfTheSessionForItsHostAndFolder) {
  const auto cookie = set("sid=31d4d96e407aad42");
  ASSERT_TRUE(cookie);
  Cookie expected;
  expected.name = "sid";
  expected.value = "31d4d96e407aad42";
  expected.domain = "www.example.com";
  expected.path = "/shop";
  expected.created = kNow * 1000 + 5;
  EXPECT_EQ(*cookie, expected);
}

TEST(SetCookie, ReadsAllAttributesInAnyCase) {
  const auto cookie = set("a=b; DOMAIN=Example.COM; pAth=/x; secure; HTTPONLY; samesite=LAX; max-age=60");
  ASSERT_TRUE(cookie);
  EXPECT_EQ(cookie->domain, "example.com");
  EXPECT_FALSE(cookie->host_only);
  EXPECT_EQ(cookie->path, "/x");
  EXPECT_TRUE(cookie->secure);
  EXPECT_TRUE(cookie->http_only);
  EXPECT_EQ(cookie->same_site, SameSite::lax);
  EXPECT_EQ(cookie->expires, kNow + 60);
}

TEST(SetCookie, TrimsNamesAndValuesAndKeepsTheRestAsItIs) {
  EXPECT_EQ(pair_of(" \ta \t=\t b c \t; Path=/"), "a=b c");
  EXPECT_EQ(pair_of("a=b=c"), "a=b=c");
  EXPECT_EQ(pair_of("a=\"b c\""), "a=\"b c\"");
  EXPECT_EQ(pair_of("a="), "a=");
  EXPECT_EQ(pair_of("a=b, c=d"), "a=b, c=d");
}

TEST(SetCookie, TakesAPartWithoutEqualsForAValueWithoutAName) {
  EXPECT_EQ(pair_of("abc"), "=abc");
  EXPECT_EQ(pair_of("=abc"), "=abc");
  EXPECT_EQ(pair_of("=a=b"), "=a=b");
  EXPECT_EQ(pair_of(""), "ignored");
  EXPECT_EQ(pair_of("="), "ignored");
  EXPECT_EQ(pair_of(" ; Path=/"), "ignored");
}

TEST(SetCookie, IgnoresAHeaderWithAControlCharacterAnywhere) {
  EXPECT_EQ(pair_of(std::string_view("a=b\0c", 5)), "ignored");
  EXPECT_EQ(pair_of("a=b\rc"), "ignored");
  EXPECT_EQ(pair_of("a=b\nc"), "ignored");
  EXPECT_EQ(pair_of("a=b\x7f"), "ignored");
  EXPECT_EQ(pair_of("a=b; Path=/\x01"), "ignored");
  EXPECT_EQ(pair_of("a=b\tc"), "ignored") << "no file or record could hold it";
}

TEST(SetCookie, IgnoresMoreThan4096BytesOfNameAndValue) {
  EXPECT_FALSE(is_ignored("ab=" + std::string(4094, 'c')));
  EXPECT_TRUE(is_ignored("ab=" + std::string(4095, 'c')));
}

TEST(SetCookie, PassesOverAnAttributeOfMoreThan1024Bytes) {
  EXPECT_EQ(set("a=b; Path=/" + std::string(1023, 'p'))->path.size(), 1024U);
  EXPECT_EQ(set("a=b; Path=/" + std::string(1024, 'p'))->path, "/shop");
  EXPECT_EQ(set("a=b; Path=/x; Path=/" + std::string(1024, 'p'))->path, "/x");
}

TEST(SetCookie, TakesMaxAgeBeforeExpires) {
  EXPECT_EQ(set("a=b; Max-Age=60; Expires=Wed, 15 Nov 2023 00:00:00 GMT")->expires, kNow + 60);
  EXPECT_EQ(set("a=b; Expires=Wed, 15 Nov 2023 00:00:00 GMT; Max-Age=60")->expires, kNow + 60);
  EXPECT_EQ(set("a=b; Expires=Wed, 15 Nov 2023 00:00:00 GMT; Max-Age=soon")->expires, 1'700'006'400);
}

TEST(SetCookie, KeepsNoCookieForMoreThan400Days) {
  constexpr std::int64_t kLast = kNow + 400 * 24 * 3600;
  EXPECT_EQ(set("a=b; Max-Age=34560001")->expires, kLast);
  EXPECT_EQ(set("a=b; Max-Age=99999999999999999999999999")->expires, kLast);
  EXPECT_EQ(set("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT")->expires, kLast);
}

TEST(SetCookie, DeletesByATimeInThePastWhichIsNeverThatOfTheSession) {
  for (const char* attribute : {"Max-Age=0", "Max-Age=-1", "Max-Age=-99999999999999999999", "Max-Age=000",
                                "Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Mon, 01 Jan 1601 00:00:00 GMT"}) {
    const auto cookie = set(std::string("a=b; ") + attribute);
    ASSERT_TRUE(cookie) << attribute;
    EXPECT_EQ(cookie->expires, 1) << attribute;
    EXPECT_TRUE(has_expired(*cookie, kNow * 1000)) << attribute;
  }
}

TEST(SetCookie, PassesOverATimeThatIsNone) {
  for (const char* attribute : {"Max-Age=", "Max-Age=-", "Max-Age=+5", "Max-Age=1.5", "Max-Age=5s",
                                "Expires=", "Expires=soon", "Expires=Wed, 32 Nov 2023 00:00:00 GMT"}) {
    EXPECT_EQ(set(std::string("a=b; ") + attribute)->expires, 0) << attribute;
  }
}

TEST(SetCookie, TakesTheLastOfTwoAttributesOfOneName) {
  EXPECT_EQ(set("a=b; Path=/x; Path=/y")->path, "/y");
  EXPECT_EQ(set("a=b; Path=/x; Path=y")->path, "/shop") << "the last one is the default";
  EXPECT_EQ(set("a=b; Domain=example.org; Domain=example.com")->domain, "example.com");
  EXPECT_TRUE(set("a=b; Domain=example.com; Domain=")->host_only);
  EXPECT_EQ(set("a=b; SameSite=Strict; SameSite=odd")->same_site, SameSite::unset);
  EXPECT_EQ(set("a=b; Max-Age=60; Max-Age=soon")->expires, kNow + 60) << "one that is no time is passed over";
}

TEST(SetCookie, HasTheFolderOfTheUrlAsItsPath) {
  const auto path = [](std::string_view url) { return set("a=b", url)->path; };
  EXPECT_EQ(path("https://example.com/"), "/");
  EXPECT_EQ(path("https://example.com/a"), "/");
  EXPECT_EQ(path("https://example.com/a/"), "/a");
  EXPECT_EQ(path("https://example.com/a/b?c=/d/e"), "/a");
  EXPECT_EQ(path("https://example.com/?x=/y/z"), "/");
  EXPECT_EQ(set("a=b; Path")->path, "/shop");
  EXPECT_EQ(set("a=b; Path=x/y")->path, "/shop");
}

TEST(SetCookie, OfAFolderLongerThanAnAttributeIsIgnored) {
  EXPECT_TRUE(is_ignored("a=b", "https://example.com/" + std::string(2000, 'p') + "/x"));
}

TEST(SetCookie, MayBeForADomainAboveItsHost) {
  EXPECT_EQ(set("a=b; Domain=.example.com")->domain, "example.com");
  EXPECT_FALSE(set("a=b; Domain=www.example.com")->host_only);
  EXPECT_TRUE(is_ignored("a=b; Domain=..example.com"));
}

TEST(SetCookie, ForADomainThatIsNotAboveItsHostIsIgnored) {
  for (const char* domain : {"example.org", "a.www.example.com", "ww.example.com", "xample.com", "example.com.",
                             "example.com:443", "\"example.com\"",
                             "b\xc3\xbc"
                             "cher.example"}) {
    EXPECT_TRUE(is_ignored(std::string("a=b; Domain=") + domain)) << domain;
  }
}

TEST(SetCookie, WithAnEmptyDomainIsForItsHostAlone) {
  for (const char* domain : {"Domain", "Domain=", "Domain= ", "Domain=."}) {
    const auto cookie = set(std::string("a=b; ") + domain);
    ASSERT_TRUE(cookie) << domain;
    EXPECT_TRUE(cookie->host_only) << domain;
    EXPECT_EQ(cookie->domain, "www.example.com") << domain;
  }
}

TEST(SetCookie, ForAPublicSuffixIsIgnoredUnlessThatIsTheHost) {
  EXPECT_TRUE(is_ignored("a=b; Domain=com"));
  EXPECT_TRUE(is_ignored("a=b; Domain=co.uk", "https://example.co.uk/"));
  EXPECT_TRUE(is_ignored("a=b; Domain=github.io", "https://alice.github.io/"));
  EXPECT_TRUE(is_ignored("a=b; Domain=lan", "https://nas.lan/"));
  const auto cookie = set("a=b; Domain=github.io", "https://github.io/");
  ASSERT_TRUE(cookie);
  EXPECT_TRUE(cookie->host_only);
  EXPECT_TRUE(set("a=b; Domain=localhost", "http://localhost:8080/")->host_only);
}

TEST(SetCookie, MayNameAnAddressOnlyAsItsHost) {
  EXPECT_TRUE(set("a=b; Domain=127.0.0.1", "http://127.0.0.1:81/")->host_only);
  EXPECT_TRUE(set("a=b; Domain=[::1]", "http://[::1]/")->host_only);
  EXPECT_TRUE(is_ignored("a=b; Domain=0.0.1", "http://127.0.0.1/"));
  EXPECT_TRUE(is_ignored("a=b; Domain=1", "http://127.0.0.1/"));
}

TEST(SetCookie, MarkedSecureIsIgnoredOverHttp) {
  EXPECT_TRUE(is_ignored("a=b; Secure", "http://www.example.com/"));
  EXPECT_TRUE(is_ignored("a=b; Secure", "http://localhost/")) << "loopback makes no difference";
  EXPECT_TRUE(set("a=b", "http://www.example.com/")->set_over_http);
  EXPECT_FALSE(set("a=b")->set_over_http);
}

TEST(SetCookie, WithSameSiteNoneHasToBeSecure) {
  EXPECT_TRUE(is_ignored("a=b; SameSite=None"));
  EXPECT_EQ(set("a=b; SameSite=None; Secure")->same_site, SameSite::none);
  EXPECT_EQ(set("a=b; SameSite=strict")->same_site, SameSite::strict);
  EXPECT_EQ(set("a=b; SameSite")->same_site, SameSite::unset);
}

TEST(SetCookie, OfAnImageOnAnotherSiteHasToBeSameSiteNone) {
  const auto from_other_site = [](std::string_view value) {
    return read_set_cookie(value, {.url = kPage, .now_ms = kNow * 1000, .from_other_site = true}).has_value();
  };
  EXPECT_TRUE(from_other_site("a=b; SameSite=None; Secure"));
  EXPECT_FALSE(from_other_site("a=b; Secure"));
  EXPECT_FALSE(from_other_site("a=b; SameSite=Lax; Secure"));
  EXPECT_FALSE(from_other_site("a=b; SameSite=Strict; Secure"));
}

TEST(SetCookie, WithTheSecurePrefixHasToBeSecure) {
  EXPECT_FALSE(is_ignored("__Secure-a=b; Secure"));
  EXPECT_TRUE(is_ignored("__Secure-a=b"));
  EXPECT_TRUE(is_ignored("__SECURE-a=b")) << "servers may read names in any case";
}

TEST(SetCookie, WithTheHostPrefixHasToBeOfItsHostAndTheRoot) {
  EXPECT_FALSE(is_ignored("__Host-a=b; Secure; Path=/"));
  EXPECT_TRUE(is_ignored("__Host-a=b; Path=/"));
  EXPECT_TRUE(is_ignored("__host-a=b; Path=/"));
  EXPECT_TRUE(is_ignored("__Host-a=b; Secure", "https://example.com/")) << "the path has to be said";
  EXPECT_TRUE(is_ignored("__Host-a=b; Secure; Path=/x"));
  EXPECT_TRUE(is_ignored("__Host-a=b; Secure; Path=/; Domain=www.example.com"));
}

TEST(SetCookie, WithoutANameMayNotLookLikeOneWithAPrefix) {
  EXPECT_TRUE(is_ignored("=__Secure-a=b; Secure"));
  EXPECT_TRUE(is_ignored("__Host-a; Secure; Path=/"));
  EXPECT_FALSE(is_ignored("=x__Host-a=b"));
}

}  // namespace
}  // namespace doutu

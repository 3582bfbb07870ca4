#include "shared/http/logins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPage = "https://example.com/list?page=1";
constexpr const char* kBasic = "Basic bWU6c2VzYW1l";  // me:sesame
const SiteLogin kSite{.origin = "https://example.com:443", .login = "me:sesame"};

TEST(Logins, AreNotSentBeforeTheServerAsks) {
  Logins logins(kSite);
  LoginTalk talk = logins.begin(kPage);
  EXPECT_EQ(talk.answer, "");
  EXPECT_TRUE(logins.goes_on(talk, "Basic realm=\"x\"", kPage));
  EXPECT_EQ(talk.answer, kBasic);
  EXPECT_EQ(logins.begin("https://example.com/img/1.png").answer, kBasic) << "from then on at once";
}

TEST(Logins, GoToTheServerOfTheTemplateAlone) {
  Logins logins(kSite);
  for (const char* url : {"https://cdn.example.com/", "http://example.com/", "https://example.com:8443/",
                          "https://example.com.evil.net/", "https://evil.net/example.com/"}) {
    LoginTalk talk = logins.begin(url);
    EXPECT_EQ(talk.answer, "") << url;
    EXPECT_FALSE(logins.goes_on(talk, "Basic", url)) << url;
    EXPECT_EQ(talk.answer, "") << url;
  }
  Logins none(SiteLogin{.origin = "https://example.com:443", .login = {}});
  LoginTalk talk = none.begin(kPage);
  EXPECT_FALSE(none.goes_on(talk, "Basic", kPage));
}

TEST(Logins, AreRefusedOnce) {
  Logins logins(kSite);
  LoginTalk first = logins.begin(kPage);
  EXPECT_TRUE(logins.goes_on(first, "Basic", kPage));
  EXPECT_FALSE(logins.goes_on(first, "Basic", kPage));
  LoginTalk second = logins.begin(kPage);
  EXPECT_FALSE(logins.goes_on(second, "Basic", kPage)) << "it was sent at once";

  Logins digest(kSite);
  LoginTalk third = digest.begin(kPage);
  EXPECT_TRUE(digest.goes_on(third, "Digest nonce=a", kPage));
  EXPECT_FALSE(digest.goes_on(third, "Digest nonce=b", kPage));
}

TEST(Logins, UseANonceAgainAndTakeANewOneWhenItIsTooOld) {
  Logins logins(kSite);
  LoginTalk first = logins.begin(kPage);
  EXPECT_TRUE(logins.goes_on(first, "Digest nonce=a, qop=auth", kPage));
  EXPECT_THAT(first.answer, HasSubstr("nc=00000001"));
  LoginTalk second = logins.begin(kPage);
  EXPECT_THAT(second.answer, HasSubstr("nonce=\"a\""));
  EXPECT_THAT(second.answer, HasSubstr("nc=00000002"));
  EXPECT_TRUE(logins.goes_on(second, "Digest nonce=b, qop=auth, stale=true", kPage));
  EXPECT_THAT(second.answer, HasSubstr("nonce=\"b\""));
  EXPECT_THAT(second.answer, HasSubstr("nc=00000001"));
  EXPECT_TRUE(logins.goes_on(second, "Digest nonce=c, stale=true", kPage)) << "another request was faster";
  EXPECT_TRUE(logins.goes_on(second, "Digest nonce=d, stale=true", kPage));
  EXPECT_FALSE(logins.goes_on(second, "Digest nonce=e, stale=true", kPage));
}

TEST(Logins, OfAUrlAreSentAtOnceAndInAnotherWayWhereTheServerWantsIt) {
  const char* const kUrl = "http://m%65:ses%61me@other.net/a?b@c";
  Logins logins(kSite);
  LoginTalk talk = logins.begin(kUrl);
  EXPECT_EQ(talk.answer, kBasic);
  EXPECT_TRUE(logins.goes_on(talk, "Digest nonce=a", kUrl));
  EXPECT_THAT(talk.answer, StartsWith("Digest username=\"me\""));
  EXPECT_THAT(talk.answer, HasSubstr("uri=\"/a?b@c\""));
  EXPECT_EQ(logins.begin("http://other.net/a").answer, "") << "that URL has none";
  EXPECT_EQ(url_userinfo("http://other.net/@a"), "");
  EXPECT_EQ(url_userinfo("http://a@b@other.net/"), "a@b");

  SiteLogin unasked = kSite;
  unasked.is_unasked = true;
  EXPECT_EQ(Logins(unasked).begin(kPage).answer, kBasic);
}

TEST(Logins, GiveWayToAHeaderOfTheUsers) {
  SiteLogin replaced = kSite;
  replaced.is_replaced = true;
  Logins logins(replaced);
  LoginTalk talk = logins.begin("https://a:b@example.com/");
  EXPECT_EQ(talk.answer, "");
  EXPECT_FALSE(logins.goes_on(talk, "Basic", "https://a:b@example.com/"));
}

TEST(Logins, RememberSoManyServersOnly) {
  Logins logins(kSite);
  for (int i = 0; i < 10'000; ++i) {
    const std::string url = "http://a:b@h" + std::to_string(i) + ".net/";
    LoginTalk talk = logins.begin(url);
    EXPECT_TRUE(logins.goes_on(talk, "Digest nonce=a", url));
  }
}

}  // namespace
}  // namespace doutu

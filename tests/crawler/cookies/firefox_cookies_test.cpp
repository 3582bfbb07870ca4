#include "crawler/cookies/firefox_cookies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "tests/crawler/cookies/firefox_fixture.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000;
constexpr const char* kTomorrow = "1700086400";

class FirefoxCookies : public testing::Test {
 protected:
  [[nodiscard]] GivenCookies read() const {
    auto given = read_firefox_cookies(profile_, kNow * 1000);
    EXPECT_TRUE(given.ok()) << given.error().message;
    return given ? *std::move(given) : GivenCookies();
  }
  [[nodiscard]] std::string error() const {
    const auto given = read_firefox_cookies(profile_, kNow * 1000);
    return given ? "none" : given.error().message;
  }
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(profile_)) names.insert(entry.path().filename());
    return names;
  }

  const TemporaryFolder folder_;
  const std::string profile_ = folder_ / "profile";
};

TEST_F(FirefoxCookies, AreReadWhileFirefoxHoldsThem) {
  RunningFirefox firefox(profile_);
  firefox.add("sid", ".example.com", kTomorrow, 1);
  firefox.add("own", "www.example.com", kTomorrow);
  const auto before = files();
  ASSERT_TRUE(before.contains("cookies.sqlite-wal")) << "what was added has to be in the WAL";
  const GivenCookies given = read();
  ASSERT_EQ(given.cookies.size(), 2U);
  Cookie sid;
  sid.name = "sid";
  sid.value = "secret";
  sid.domain = "example.com";
  sid.host_only = false;
  sid.expires = kNow + 86'400;
  sid.secure = sid.http_only = true;
  sid.same_site = SameSite::lax;
  sid.created = 1'600'000'000'123;
  EXPECT_EQ(given.cookies[0], sid);
  EXPECT_TRUE(given.cookies[1].host_only);
  EXPECT_EQ(given.source, profile_);
  EXPECT_EQ(files(), before) << "nothing is made beside it";
  firefox.add("more", "www.example.com", kTomorrow);
  EXPECT_EQ(read().cookies.size(), 3U) << "and Firefox goes on";
}

TEST_F(FirefoxCookies, AreReadWhenFirefoxHasEnded) {
  RunningFirefox(profile_).add("sid", ".example.com", kTomorrow);
  ASSERT_FALSE(files().contains("cookies.sqlite-wal"));
  EXPECT_EQ(read().cookies.size(), 1U);
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(FirefoxCookies, OfContainersAndPartitionsAreLeftOut) {
  RunningFirefox firefox(profile_);
  firefox.add("own", "example.com", kTomorrow);
  firefox.add("own", "example.com", kTomorrow, 0, "^userContextId=2");
  firefox.add("own", "example.com", kTomorrow, 0, "^partitionKey=%28https%2Cexample.org%29");
  EXPECT_EQ(read().cookies.size(), 1U);
}

TEST_F(FirefoxCookies, HaveTheSameSiteThatFirefoxKnows) {
  RunningFirefox firefox(profile_);
  firefox.add("a", "example.com", kTomorrow, 0);
  firefox.add("b", "example.com", kTomorrow, 1);
  firefox.add("c", "example.com", kTomorrow, 2);
  firefox.add("d", "example.com", kTomorrow, 256);
  firefox.add("e", "example.com", kTomorrow, 0, "", 0);
  std::vector<SameSite> same_site;
  for (const Cookie& cookie : read().cookies) same_site.push_back(cookie.same_site);
  EXPECT_THAT(same_site,
              ElementsAre(SameSite::none, SameSite::lax, SameSite::strict, SameSite::unset, SameSite::unset));
}

TEST_F(FirefoxCookies, ExpireInSecondsOrInMilliseconds) {
  RunningFirefox firefox(profile_);
  firefox.add("seconds", "example.com", "1700000100");
  firefox.add("milliseconds", "example.com", "1700000100000");
  firefox.add("far", "example.com", "9223372036854775807");
  firefox.add("gone", "example.com", "1600000000");
  const GivenCookies given = read();
  ASSERT_EQ(given.cookies.size(), 3U);
  EXPECT_EQ(given.cookies[0].expires, 1'700'000'100);
  EXPECT_EQ(given.cookies[1].expires, 1'700'000'100);
  EXPECT_EQ(given.cookies[2].expires, kNow + kMaxCookieAge);
  EXPECT_EQ(given.expired, 1U);
}

TEST_F(FirefoxCookies, OfAVersionBeforeSameSiteHaveNone) {
  RunningFirefox firefox(profile_,
                         "CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, baseDomain TEXT, originAttributes TEXT NOT "
                         "NULL DEFAULT '', name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed "
                         "INTEGER, creationTime INTEGER, isSecure INTEGER, isHttpOnly INTEGER)");
  firefox.execute("INSERT INTO moz_cookies VALUES (1, 'e.com', '', 'n', 'v', 'e.com', '/', 1700086400, 0, 0, 1, 0)");
  const GivenCookies given = read();
  ASSERT_EQ(given.cookies.size(), 1U);
  EXPECT_EQ(given.cookies[0].same_site, SameSite::unset);
}

TEST_F(FirefoxCookies, ThatNoServerCouldHaveSetAreCounted) {
  RunningFirefox firefox(profile_);
  firefox.add("a;b", "example.com", kTomorrow);
  firefox.add("a", "exa mple.com", kTomorrow);
  firefox.execute("INSERT INTO moz_cookies (name) VALUES (NULL)");
  const GivenCookies given = read();
  EXPECT_TRUE(given.cookies.empty());
  EXPECT_EQ(given.odd_count, 3U);
}

TEST_F(FirefoxCookies, OfAnotherSchemaAreRefusedInWords) {
  RunningFirefox firefox(profile_, "CREATE TABLE cookies (name TEXT)");
  EXPECT_THAT(error(), HasSubstr("cookies.sqlite is not as Firefox 60 or later has it"));
}

TEST_F(FirefoxCookies, ThatAreNoDatabaseAreRefusedInWords) {
  write_text(profile_ + "/cookies.sqlite", "# Netscape HTTP Cookie File\n" + std::string(5000, 'x'));
  EXPECT_THAT(error(), HasSubstr("is damaged, or no database of Firefox"));
}

TEST_F(FirefoxCookies, ThatAreNotThereAreNamed) {
  EXPECT_EQ(error(), profile_ + "/cookies.sqlite: No such file or directory");
}

TEST_F(FirefoxCookies, ThatMayNotBeReadAreNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write_text(profile_ + "/cookies.sqlite", "");
  std::filesystem::permissions(profile_ + "/cookies.sqlite", std::filesystem::perms::none);
  EXPECT_EQ(error(), profile_ + "/cookies.sqlite: Permission denied");
}

}  // namespace
}  // namespace doutu

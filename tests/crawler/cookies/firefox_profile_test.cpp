#include "crawler/cookies/firefox_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/crawler/cookies/firefox_fixture.h"

namespace doutu {
namespace {

using testing::HasSubstr;

constexpr const char* kProfiles =
    "[Profile1]\r\nName=default\r\nIsRelative=1\r\nPath=abc.default\r\nDefault=1\r\n\r\n"
    "[Profile0]\nName=default-release\nIsRelative=1\nPath=xyz.default-release\n\n"
    "[General]\nStartWithLastProfile=1\nVersion=2\n";
constexpr const char* kInstall = "[Install4F96D1932A9F858E]\nDefault=xyz.default-release\nLocked=1\n\n";

class FirefoxProfile : public testing::Test {
 protected:
  void write_ini(const std::string& text, const std::string& place = ".mozilla/firefox") {
    write_text(home_.path() / place / "profiles.ini", text);
  }
  void add_cookies(const std::string& profile, const std::string& place = ".mozilla/firefox") {
    write_text(home_.path() / place / profile / "cookies.sqlite", "");
  }
  /// Below the home folder; or the error.
  [[nodiscard]] std::string find(const std::string& profile = "") const {
    const auto found = find_firefox_profile(home_.path().string(), profile);
    if (!found) return found.error().message;
    return std::filesystem::path(*found).lexically_relative(home_.path());
  }

  const TemporaryFolder home_;
};

TEST_F(FirefoxProfile, IsTheOneThatTheInstallationStartsWith) {
  write_ini(std::string(kInstall) + kProfiles);
  add_cookies("abc.default");
  add_cookies("xyz.default-release");
  EXPECT_EQ(find(), ".mozilla/firefox/xyz.default-release");
}

TEST_F(FirefoxProfile, IsTheMarkedOneWhereNoInstallationSays) {
  write_ini(kProfiles);
  add_cookies("abc.default");
  add_cookies("xyz.default-release");
  EXPECT_EQ(find(), ".mozilla/firefox/abc.default");
}

TEST_F(FirefoxProfile, IsTheOnlyOne) {
  write_ini("[Profile0]\nName=me\nIsRelative=1\nPath=me\n");
  add_cookies("me");
  EXPECT_EQ(find(), ".mozilla/firefox/me");
}

TEST_F(FirefoxProfile, MayBelongToASnapOrAFlatpak) {
  for (const char* place : {"snap/firefox/common/.mozilla/firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox",
                            ".config/mozilla/firefox"}) {
    const TemporaryFolder home;
    write_text(home.path() / place / "profiles.ini", kProfiles);
    write_text(home.path() / place / "abc.default/cookies.sqlite", "");
    const auto found = find_firefox_profile(home.path().string(), "");
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(*found, (home.path() / place / "abc.default").string());
  }
}

TEST_F(FirefoxProfile, IsOneWithCookies) {
  write_ini(kProfiles);
  write_ini(kProfiles, "snap/firefox/common/.mozilla/firefox");
  add_cookies("abc.default", "snap/firefox/common/.mozilla/firefox");
  EXPECT_EQ(find(), "snap/firefox/common/.mozilla/firefox/abc.default");
}

TEST_F(FirefoxProfile, IsNamedAsFirefoxNamesItOrByItsFolder) {
  write_ini(kProfiles);
  add_cookies("xyz.default-release");
  EXPECT_EQ(find("default-release"), ".mozilla/firefox/xyz.default-release");
  EXPECT_EQ(find("xyz.default-release"), ".mozilla/firefox/xyz.default-release");
  EXPECT_EQ(find((home_.path() / ".mozilla/firefox/xyz.default-release").string()),
            ".mozilla/firefox/xyz.default-release");
}

TEST_F(FirefoxProfile, MayStandElsewhere) {
  const std::string elsewhere = (home_.path() / "elsewhere").string();
  write_ini("[Profile0]\nName=me\nIsRelative=0\nPath=" + elsewhere + "\n");
  write_text(elsewhere + "/cookies.sqlite", "");
  EXPECT_EQ(find("me"), "elsewhere");
}

TEST_F(FirefoxProfile, ThatIsNotThereIsAnErrorWithThoseThatAre) {
  write_ini(kProfiles);
  EXPECT_EQ(find("work"), "Firefox has no profile \"work\"; it has default, default-release");
}

TEST_F(FirefoxProfile, WithoutCookiesIsAnErrorThatNamesIt) {
  write_ini(kProfiles);
  const std::string folder = (home_.path() / ".mozilla/firefox/abc.default").string();
  const std::string expected = folder + " is no profile of Firefox with cookies: there is no cookies.sqlite in it";
  EXPECT_EQ(find(), expected);
  EXPECT_EQ(find("default"), expected);
  EXPECT_EQ(find(folder), expected);
}

TEST_F(FirefoxProfile, OfNoFirefoxIsAnErrorThatNamesTheWayOut) {
  EXPECT_THAT(find(), HasSubstr("no profile of Firefox was found below"));
  EXPECT_THAT(find("me"), HasSubstr("--cookies FILE"));
}

TEST_F(FirefoxProfile, HasToBeNamedWhereNoneIsUsual) {
  write_ini("[Profile0]\nName=a\nPath=a\n[Profile1]\nName=b\nPath=b\n");
  EXPECT_THAT(find(), HasSubstr("name one: firefox:a"));
}

TEST_F(FirefoxProfile, SurvivesAnIniOfNonsense) {
  write_ini("Name=x\n=\n[\n]\n[]\n[Profile\n[Profile9]\nPath\nPath=\n[Install]\n" + std::string(100'000, '='));
  EXPECT_THAT(find(), HasSubstr("no profile of Firefox was found"));
}

}  // namespace
}  // namespace doutu

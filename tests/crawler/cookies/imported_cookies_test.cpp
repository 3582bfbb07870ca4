#include "crawler/cookies/imported_cookies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/crawler/cookies/firefox_fixture.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNow = 1'700'000'000'000;

Cookie cookie(const std::string& name, const std::string& domain, bool host_only = false,
              SameSite same_site = SameSite::unset) {
  Cookie made;
  made.name = name;
  made.domain = domain;
  made.host_only = host_only;
  made.same_site = same_site;
  return made;
}

std::vector<std::string> names(const std::vector<Cookie>& cookies) {
  std::vector<std::string> names;
  for (const Cookie& one : cookies) names.push_back(one.name);
  return names;
}

TEST(NeededCookies, AreThoseOfTheSitesOfThePages) {
  const std::vector<Cookie> all = {cookie("site", "example.com"), cookie("other host", "img.example.com", true),
                                   cookie("other site", "example.org"), cookie("neighbour", "bob.github.io")};
  EXPECT_THAT(names(needed_cookies(all, {.hosts = {"www.example.com"}})), ElementsAre("site", "other host"));
  EXPECT_THAT(names(needed_cookies(all, {.hosts = {"alice.github.io"}})), ElementsAre());
  EXPECT_THAT(names(needed_cookies(all, {.hosts = {"example.org", "bob.github.io"}})),
              ElementsAre("other site", "neighbour"));
}

TEST(NeededCookies, AreAlsoThoseThatAGivenDomainGets) {
  const std::vector<Cookie> all = {cookie("above", "cdn.example"), cookie("own", "img.cdn.example", true),
                                   cookie("below", "a.img.cdn.example", true),
                                   cookie("above alone", "cdn.example", true), cookie("beside", "www.cdn.example")};
  EXPECT_THAT(names(needed_cookies(all, {.hosts = {"example.com"}, .domains = {"img.cdn.example"}})),
              ElementsAre("above", "own", "below"));
}

TEST(NeededCookies, OfAGivenDomainGoToItsImagesUnlessTheirSameSiteIsKnown) {
  const auto taken = needed_cookies(
      {cookie("page", "example.com"), cookie("unset", "cdn.example"),
       cookie("lax", "cdn.example", false, SameSite::lax), cookie("none", "cdn.example", false, SameSite::none)},
      {.hosts = {"example.com"}, .domains = {"cdn.example"}});
  ASSERT_EQ(taken.size(), 4U);
  EXPECT_EQ(taken[0].same_site, SameSite::unset);
  EXPECT_EQ(taken[1].same_site, SameSite::given);
  EXPECT_EQ(taken[2].same_site, SameSite::lax);
  EXPECT_EQ(taken[3].same_site, SameSite::none);
}

class ImportedCookiesTest : public testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(file_) << "# Netscape HTTP Cookie File\n" << text; }
  [[nodiscard]] ImportedCookies import(const CookieNeeds& needs) const {
    auto imported = import_cookies({.files = {file_}}, needs, home_.path().string(), kNow);
    EXPECT_TRUE(imported.ok()) << imported.error().message;
    return imported ? *std::move(imported) : ImportedCookies();
  }

  const TemporaryFolder home_;
  const std::string file_ = home_ / "cookies.txt";
};

TEST_F(ImportedCookiesTest, SayHowManyOfHowManyAndOfWhichDomains) {
  write(
      ".example.com\tTRUE\t/\tTRUE\t0\tsid\tsecret\n"
      ".cdn.example\tTRUE\t/\tTRUE\t0\ttoken\tsecret\n"
      ".example.org\tTRUE\t/\tTRUE\t0\tx\tsecret\n"
      ".example.com\tTRUE\t/\tTRUE\t1\told\tsecret\n");
  const ImportedCookies imported = import({.hosts = {"www.example.com"}, .domains = {"cdn.example"}});
  EXPECT_THAT(names(imported.cookies), ElementsAre("sid", "token"));
  EXPECT_THAT(imported.lines,
              ElementsAre("2 cookies of 3 in " + file_ + " taken, for cdn.example, example.com; 1 had expired"));
}

TEST_F(ImportedCookiesTest, SayWhenNoneIsForThePages) {
  write(".example.org\tTRUE\t/\tTRUE\t0\tx\tsecret\n");
  const ImportedCookies imported = import({.hosts = {"example.com"}});
  EXPECT_TRUE(imported.cookies.empty());
  EXPECT_THAT(imported.lines, ElementsAre(AllOf(HasSubstr("none of 1 cookie in "), HasSubstr("--cookies-domain"))));
}

TEST_F(ImportedCookiesTest, SayWhenAllHaveExpired) {
  write(".example.com\tTRUE\t/\tTRUE\t1\tx\tsecret\n");
  EXPECT_THAT(import({.hosts = {"example.com"}}).lines,
              ElementsAre("no cookie taken: all 1 in " + file_ + " had expired"));
}

TEST_F(ImportedCookiesTest, NameOddLinesAndNothingOfThem) {
  write("secret\n.example.com\tTRUE\t/\tTRUE\t0\tx\tsecret\n");
  const ImportedCookies imported = import({.hosts = {"example.com"}});
  ASSERT_EQ(imported.lines.size(), 2U);
  EXPECT_EQ(imported.lines[1], "1 line in " + file_ + " skipped, which are no cookies: 2");
  for (const std::string& line : imported.lines) EXPECT_THAT(line, Not(HasSubstr("secret")));
}

TEST_F(ImportedCookiesTest, ComeFromTheBrowserFirst) {
  RunningFirefox firefox(home_.path() / ".mozilla/firefox/me");
  write_text(home_.path() / ".mozilla/firefox/profiles.ini", "[Profile0]\nName=me\nPath=me\n");
  firefox.add("sid", ".example.com", "1700086400");
  write(".example.com\tTRUE\t/\tTRUE\t0\tsid\tsecret\n");
  for (const char* browser : {"firefox", "firefox:me"}) {
    const auto imported =
        import_cookies({.files = {file_}, .browser = browser}, {.hosts = {"example.com"}}, home_.path().string(), kNow);
    ASSERT_TRUE(imported.ok()) << imported.error().message;
    EXPECT_EQ(imported->cookies.size(), 2U);
    EXPECT_THAT(imported->lines, ElementsAre(HasSubstr(".mozilla/firefox/me taken, for example.com"),
                                             HasSubstr("cookies.txt taken, for example.com")));
  }
}

TEST_F(ImportedCookiesTest, AreAnErrorThatNamesTheFlag) {
  const auto no_file = import_cookies({.files = {file_}}, {}, home_.path().string(), kNow);
  ASSERT_FALSE(no_file.ok());
  EXPECT_EQ(no_file.error().message, "--cookies: \"" + file_ + "\": No such file or directory");
  const auto no_browser = import_cookies({.browser = "firefox"}, {}, home_.path().string(), kNow);
  ASSERT_FALSE(no_browser.ok());
  EXPECT_THAT(no_browser.error().message, HasSubstr("--cookies-from: no profile of Firefox was found"));
}

}  // namespace
}  // namespace doutu

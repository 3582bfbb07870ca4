#include "shared/robots/path_pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace doutu {
namespace {

bool stands_for(std::string_view pattern, std::string_view path) {
  return matches(canonical_pattern(pattern), canonical_path(path));
}

TEST(PathPattern, StandsForWhatBeginsWithIt) {
  EXPECT_TRUE(stands_for("/fish", "/fish"));
  EXPECT_TRUE(stands_for("/fish", "/fishheads/yummy.html"));
  EXPECT_TRUE(stands_for("/fish/", "/fish/salmon.htm"));
  EXPECT_FALSE(stands_for("/fish/", "/fish"));
  EXPECT_FALSE(stands_for("/fish", "/Fish.asp"));
  EXPECT_FALSE(stands_for("/fish", "/catfish"));
}

TEST(PathPattern, HasStarsForAnythingAndADollarForTheEnd) {
  EXPECT_TRUE(stands_for("/*.php", "/folder/any.php.file.html"));
  EXPECT_TRUE(stands_for("/*.php$", "/folder/filename.php"));
  EXPECT_TRUE(stands_for("/*.php$", "/a.php.php"));
  EXPECT_FALSE(stands_for("/*.php$", "/filename.php?parameters"));
  EXPECT_FALSE(stands_for("/*.php$", "/filename.php5"));
  EXPECT_TRUE(stands_for("/fish*.php", "/fishheads/catfish.php?parameters"));
  EXPECT_FALSE(stands_for("/fish*.php", "/Fish.PHP"));
  EXPECT_TRUE(stands_for("/a*b*c$", "/abbcc"));
  EXPECT_FALSE(stands_for("/ab*ba$", "/aba"));
  EXPECT_TRUE(stands_for("/$", "/"));
  EXPECT_FALSE(stands_for("/$", "/x"));
  EXPECT_TRUE(stands_for("*", "/"));
  EXPECT_TRUE(stands_for("/**$", "/x"));
}

TEST(PathPattern, MeansAStarItselfWhereItIsEscaped) {
  EXPECT_TRUE(stands_for("/file-with-a-%2A.html", "/file-with-a-*.html"));
  EXPECT_FALSE(stands_for("/file-with-a-%2A.html", "/file-with-a-b.html"));
  EXPECT_TRUE(stands_for("/foo-%24", "/foo-$"));
  EXPECT_TRUE(stands_for("/a$b", "/a$b"));
}

// RFC 9309 section 2.2.2, Table 1.
TEST(PathPattern, IsComparedInOneSpelling) {
  EXPECT_TRUE(stands_for("/foo/bar?baz=http://foo.bar", "/foo/bar?baz=http%3A%2F%2Ffoo.bar"));
  EXPECT_TRUE(stands_for("/foo/bar/\xe3\x83\x84", "/foo/bar/%E3%83%84"));
  EXPECT_TRUE(stands_for("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84"));
  EXPECT_TRUE(stands_for("/foo/bar/%62%61%7A", "/foo/bar/baz"));
  EXPECT_TRUE(stands_for("/foo/bar/baz", "/foo/bar/%62%61%7A"));
  EXPECT_FALSE(stands_for("/a/b", "/a%2Fb")) << "no slash of the path";
  EXPECT_TRUE(stands_for("/*=/x", "/a?from=%2Fx"));
  EXPECT_TRUE(stands_for("/100%", "/100%25"));
}

TEST(PathPattern, HasOneSpellingOfItsSpelling) {
  for (const char* text : {"/%%341", "/a%", "/%zz%2a*$", "/$a$", "/a?b=%2F%3f&c=[d]", "/\x01\xff {}"}) {
    const std::string once = canonical_pattern(text);
    EXPECT_EQ(canonical_pattern(once), once) << text;
  }
}

TEST(PathPattern, TakesNoTimeForHostilePatterns) {
  std::string pattern = "/";
  for (int i = 0; i < 4000; ++i) pattern += "*a";
  const std::string many_a = "/" + std::string(16'000, 'a');
  std::string needle = "/*" + std::string(8'000, 'a') + "b";
  const auto since = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(matches(pattern, many_a));
    EXPECT_FALSE(matches(pattern + "*b", many_a));
    EXPECT_FALSE(matches(needle, many_a));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds(5));
}

}  // namespace
}  // namespace doutu

#include "shared/robots/robots_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

constexpr std::string_view kSite = "https://e.example";

bool allows(std::string_view file, std::string_view path) {
  return RobotsRules::parse(file).allows(std::string(kSite).append(path));
}

milliseconds delay(std::string_view value) {
  return RobotsRules::parse("User-agent: *\nCrawl-delay: " + std::string(value) + "\n").crawl_delay();
}

TEST(RobotsRules, AllowEverythingWhereNothingIsSaid) {
  EXPECT_TRUE(RobotsRules().allows("https://e.example/x"));
  EXPECT_TRUE(allows("", "/x"));
  EXPECT_TRUE(allows("Disallow: /\n", "/x")) << "of no group";
  EXPECT_TRUE(allows("User-agent: *\nDisallow:\n", "/x"));
  EXPECT_TRUE(allows("<!DOCTYPE html><title>not found</title>", "/x"));
}

TEST(RobotsRules, AreThoseOfItsOwnGroupsElseOfAll) {
  constexpr std::string_view kFile =
      "User-agent: *\nDisallow: /\n\nUser-agent: Doutu/1.0\nDisallow: /a\n\nUser-agent: other\nUser-agent: DOUTU\n"
      "Disallow: /b\n";
  EXPECT_TRUE(allows(kFile, "/c"));
  EXPECT_FALSE(allows(kFile, "/a"));
  EXPECT_FALSE(allows(kFile, "/b")) << "groups of one crawler are merged";
  EXPECT_FALSE(allows("User-agent: *\nDisallow: /a\nUser-agent: doutubot\nAllow: /\n", "/a")) << "another crawler";
  EXPECT_TRUE(allows("User-agent: *\nDisallow: /\nUser-agent: doutu\n", "/a")) << "an empty group allows all";
}

TEST(RobotsRules, GoByTheLongestPathAndAllowOnATie) {
  constexpr std::string_view kFile =
      "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /t\nAllow: /t\nAllow: /*.jpg$\n";
  EXPECT_FALSE(allows(kFile, "/a"));
  EXPECT_TRUE(allows(kFile, "/a/b/c"));
  EXPECT_TRUE(allows(kFile, "/t"));
  EXPECT_TRUE(allows(kFile, "/a.jpg"));
  EXPECT_FALSE(allows(kFile, "/a.png"));
}

TEST(RobotsRules, AlwaysAllowTheirOwnFile) {
  EXPECT_TRUE(allows("User-agent: *\nDisallow: /\n", "/robots.txt"));
  EXPECT_FALSE(allows("User-agent: *\nDisallow: /\n", "/robots.txt?x"));
}

TEST(RobotsRules, SeeTheQueryAndABareHost) {
  EXPECT_FALSE(allows("User-agent: *\nDisallow: /*?s=\n", "/a?s=1"));
  EXPECT_FALSE(RobotsRules::parse("User-agent: *\nDisallow: /$\n").allows("https://e.example/"));
}

TEST(RobotsRules, TakeLinesOfAnyEndWithMarksCommentsAndMistakes) {
  EXPECT_FALSE(allows("\xef\xbb\xbfUser-agent: *\rDisallow: /a\r", "/a"));
  EXPECT_FALSE(allows("user agent:*\r\ndisalow /a # not this", "/a"));
  EXPECT_FALSE(allows("  USERAGENT : *\n\tDissallow\t:\t/a", "/a"));
  EXPECT_FALSE(allows("User-agent: *\nSitemap: https://e.example/s.xml\nDisallow: /a", "/a"));
  EXPECT_TRUE(allows("User-agent: *\nDisallow /a and more", "/a"));
}

TEST(RobotsRules, ReadACrawlDelayUpToAMinute) {
  EXPECT_EQ(delay("2"), milliseconds(2'000));
  EXPECT_EQ(delay("0.25"), milliseconds(250));
  EXPECT_EQ(delay("86400"), milliseconds(60'000));
  EXPECT_EQ(delay("1e9"), milliseconds(0));
  EXPECT_EQ(delay(std::string(400, '9')), milliseconds(60'000));
  for (const char* none : {"0", "-1", "nan", "inf", "", "soon", "0x10"})
    EXPECT_EQ(delay(none), milliseconds(0)) << none;
}

// In a file that says "Crawl-delay" to all, and forbids one crawler everything, the others are not meant.
TEST(RobotsRules, TakeACrawlDelayForTheEndOfAGroupsNames) {
  constexpr std::string_view kFile = "User-agent: *\nCrawl-delay: 3\nUser-agent: bad\nCrawl-delay: 9\nDisallow: /\n";
  EXPECT_TRUE(allows(kFile, "/a"));
  EXPECT_EQ(RobotsRules::parse(kFile).crawl_delay(), milliseconds(3'000));
}

TEST(RobotsRules, AreTheSameFromTheirText) {
  const auto rules = RobotsRules::parse("User-agent: *\nDisallow: /a b\xff*$\nAllow: /long/er\nCrawl-delay: 1.5\n");
  EXPECT_EQ(rules.to_text(), "-/a%20b%FF*$\n+/long/er\n=1500\n");
  EXPECT_EQ(RobotsRules::from_text(rules.to_text()), rules);
  EXPECT_EQ(RobotsRules::from_text(""), RobotsRules());
}

TEST(RobotsRules, RefuseATextThatIsNotTheirs) {
  for (const char* text : {"x", "\n", "-\n", "-/a", "/a\n", "=0\n", "=60001\n", "=1x\n", "-/a b\n", "- /\n\n"}) {
    EXPECT_EQ(RobotsRules::from_text(text), std::nullopt) << text;
  }
  EXPECT_EQ(RobotsRules::from_text(std::string(RobotsRules::kMaxRulesBytes, '-') + "\n"), std::nullopt);
}

TEST(RobotsRules, KeepWhatStandsFirstOfTooMany) {
  std::string file = "User-agent: *\nDisallow: /first\n";
  for (int i = 0; i < 20'000; ++i) file += "Disallow: /" + std::to_string(i) + "/\n";
  const auto rules = RobotsRules::parse(file + "Crawl-delay: 1\n");
  EXPECT_LE(rules.to_text().size(), RobotsRules::kMaxRulesBytes);
  EXPECT_GT(rules.to_text().size(), RobotsRules::kMaxRulesBytes / 2);
  EXPECT_FALSE(rules.allows("https://e.example/first"));
  EXPECT_FALSE(rules.allows("https://e.example/7/"));
  EXPECT_EQ(RobotsRules::from_text(rules.to_text()), rules);
}

TEST(RobotsRules, ReadTheFirst500KiB) {
  const std::string far(std::size_t{500} * 1024, '#');
  EXPECT_TRUE(allows(far + "\nUser-agent: *\nDisallow: /\n", "/x"));
  EXPECT_FALSE(allows("User-agent: *\nDisallow: /\n" + far, "/x"));
}

}  // namespace
}  // namespace doutu

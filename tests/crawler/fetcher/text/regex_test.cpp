#include "crawler/fetcher/text/regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string_view> matches(std::string_view pattern, std::string_view text) {
  return Regex(pattern).matches(text);
}

TEST(Regex, FindsEveryMatch) {
  EXPECT_THAT(matches("[a-z]+\\.jpg", "a.jpg, b.png cd.jpg"), ElementsAre("a.jpg", "cd.jpg"));
  EXPECT_THAT(matches(R"x("src":"([^"]+)")x", R"({"src":"a","src":"b"})"), ElementsAre("a", "b"));
  EXPECT_THAT(matches("(?i)(?:JPG|png)", "jpg PNG"), ElementsAre("jpg", "PNG"));
  EXPECT_THAT(matches(".", "图x"), ElementsAre("图", "x"));
}

TEST(Regex, LeavesEmptyMatchesOut) {
  EXPECT_THAT(matches("x*", "ax图xx"), ElementsAre("x", "xx"));
  EXPECT_THAT(matches("a(b)?", "a ab"), ElementsAre("b"));
  EXPECT_THAT(matches("x", ""), IsEmpty());
}

TEST(Regex, SaysWhatIsWrong) {
  EXPECT_EQ(Regex("a[").problem()->position, 1U);
  EXPECT_EQ(Regex("(a").problem()->what, "missing ): (a");
  EXPECT_TRUE(Regex(R"((a)\1)").problem()) << "which RE2 has not";
  EXPECT_TRUE(Regex("((a{1000}){1000}){1000}").problem());
  EXPECT_TRUE(Regex("\xff").problem());
  EXPECT_THAT(matches("a[", "a["), IsEmpty());
  EXPECT_FALSE(Regex("a").problem());
}

TEST(Regex, IsLinearOnHostileText) {
  const std::string text(1 << 20, 'a');
  EXPECT_THAT(matches("(a*)*b", text), IsEmpty());
  EXPECT_THAT(matches("(?:a|aa|aaa)*$", text), ElementsAre(text));
  EXPECT_THAT(matches("^(?:.?){500}a{500}b", text), IsEmpty());
}

}  // namespace
}  // namespace doutu

#include "crawler/fetcher/text/rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

std::string rewritten(const std::string& rule, const std::string& url) {
  return Rewrite::parse(rule).value().apply(url);
}
std::string problem(const std::string& rule) {
  const auto rewrite = Rewrite::parse(rule);
  return rewrite ? "" : rewrite.error().message;
}

TEST(Rewrite, ReplacesTheFirstMatchOrEveryOne) {
  EXPECT_EQ(rewritten("s/thumb/full/", "http://e/thumb/thumb.jpg"), "http://e/full/thumb.jpg");
  EXPECT_EQ(rewritten("s/thumb/full/g", "http://e/thumb/thumb.jpg"), "http://e/full/full.jpg");
  EXPECT_EQ(rewritten("s/nothing/full/", "http://e/1.jpg"), "http://e/1.jpg");
}

TEST(Rewrite, KnowsGroupsAndTheWholeMatch) {
  EXPECT_EQ(rewritten(R"(s/_(\d+)x(\d+)\.jpg$/-\2-\1.jpg/)", "http://e/a_150x300.jpg"), "http://e/a-300-150.jpg");
  EXPECT_EQ(rewritten("s/[0-9]+/<&>/", "http://e/12"), "http://e/<12>");
  EXPECT_EQ(rewritten(R"(s/[?]$/\&x=\0/)", "http://e/12?"), "http://e/12&x=?");
}

TEST(Rewrite, TakesAnyMarkThatIsNoLetterAndLetsItBeWrittenWithin) {
  EXPECT_EQ(rewritten("s|/small/|/large/|", "http://e/small/1"), "http://e/large/1");
  EXPECT_EQ(rewritten(R"(s/\/small\//\/large\//)", "http://e/small/1"), "http://e/large/1");
  EXPECT_EQ(rewritten(R"(s#\?.*##)", "http://e/1?w=100"), "http://e/1");
}

TEST(Rewrite, SaysWhatIsWrongWithARule) {
  for (const char* rule : {"", "s", "s/", "s/a", "s/a/b", "s//b/", "s/a/b/x", "sxaxbx", "y/a/b/", "s a b "}) {
    EXPECT_THAT(problem(rule), testing::HasSubstr("expected s/RE/TO/")) << rule;
  }
  EXPECT_THAT(problem("s/[a/b/"), testing::HasSubstr("missing ]"));
  EXPECT_THAT(problem(R"(s/a(b)/\2/)"), testing::HasSubstr("2"));
}

}  // namespace
}  // namespace doutu

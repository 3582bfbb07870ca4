#include "crawler/xpath_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::HasSubstr;

constexpr const char* kFetcher = DOUTU_FETCHER;

TEST(XPathCheck, AGoodExpressionHasNoProblem) {
  const auto problem = xpath_problem("//li[@class='x']//img/@src", kFetcher);
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_EQ(*problem, std::nullopt);
}

TEST(XPathCheck, ABadExpressionIsOneLineThatSaysSo) {
  for (const char* bad : {"//img[", "//img/@", "//img[@a='", "//\xff"}) {
    const auto problem = xpath_problem(bad, kFetcher);
    ASSERT_TRUE(problem) << problem.error().message;
    ASSERT_TRUE(problem->has_value()) << bad;
    EXPECT_FALSE((*problem)->empty()) << bad;
    EXPECT_EQ((*problem)->find('\n'), std::string::npos) << bad;
  }
}

/// A program that answers as told.
class Answering {
 public:
  explicit Answering(const std::string& script) {
    std::ofstream(path()) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::string path() const { return folder_ / "program"; }

 private:
  TemporaryFolder folder_;
};

TEST(XPathCheck, TheAnswerIsEscapedAndCutToALine) {
  const Answering program(R"(printf 'bad \033[2J thing\nmore'; exit 2)");
  EXPECT_EQ(xpath_problem("x", program.path()).value(), "bad \\x1b[2J thing");
}

TEST(XPathCheck, AProgramThatFailsInAnotherWayIsAnError) {
  for (const char* script : {"exit 1", "exit 127", "kill -9 $$"}) {
    const Answering program(script);
    const auto problem = xpath_problem("x", program.path());
    ASSERT_FALSE(problem) << script;
    EXPECT_THAT(problem.error().message, HasSubstr("cannot check the XPath"));
  }
}

TEST(XPathCheck, AMissingProgramIsAnError) {
  const auto problem = xpath_problem("x", "/does/not/exist");
  ASSERT_FALSE(problem);
  EXPECT_THAT(problem.error().message, HasSubstr("/does/not/exist"));
}

}  // namespace
}  // namespace doutu

#include "crawler/children/xpath_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::HasSubstr;

constexpr const char* kFetcher = DOUTU_FETCHER;

TEST(XPathCheck, FindsNothingWrongWithGoodExpressions) {
  auto fetcher = StartedChild::start(kFetcher);
  ASSERT_TRUE(fetcher) << fetcher.error().message;
  const auto problem = xpath_problem(*fetcher, {"//li[@class='x']//img/@src", "//img"});
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_EQ(*problem, std::nullopt);
}

TEST(XPathCheck, SaysInOneLineWhatIsWrongWithTheFirstBadOne) {
  auto fetcher = StartedChild::start(kFetcher);
  ASSERT_TRUE(fetcher) << fetcher.error().message;
  for (const char* bad : {"//img[", "//img/@", "//img[@a='", "//\xff", "//\x1b[31m["}) {
    const auto problem = xpath_problem(*fetcher, {"//img", bad, "//a["});
    ASSERT_TRUE(problem) << problem.error().message;
    ASSERT_TRUE(problem->has_value()) << bad;
    EXPECT_THAT(**problem, HasSubstr("character")) << bad;
    EXPECT_EQ((*problem)->find_first_of("\n\x1b"), std::string::npos) << bad;
  }
  EXPECT_EQ(xpath_problem(*fetcher, {"//img["}).value(),
            "Invalid expression at character 7, marked by >>>: //img[ >>> ");
}

TEST(XPathCheck, CutsAnAnswerThatIsLongerThanAMessage) {
  auto fetcher = StartedChild::start(kFetcher);
  ASSERT_TRUE(fetcher) << fetcher.error().message;
  const auto problem = xpath_problem(*fetcher, {std::string(16 << 10, '\x01')});
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_THAT(problem->value_or(""), HasSubstr("character 1,"));
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

TEST(XPathCheck, SaysHowAProgramEndedThatGaveNoAnswer) {
  for (const auto& [script, end] : {std::pair("exit 1", "exit status 1"), std::pair("kill -9 $$", "signal 9")}) {
    const Answering program(script);
    auto child = StartedChild::start(program.path());
    ASSERT_TRUE(child) << child.error().message;
    const auto problem = xpath_problem(*child, {"x"});
    ASSERT_FALSE(problem) << script;
    EXPECT_THAT(problem.error().message, HasSubstr("cannot check the XPath"));
    EXPECT_THAT(problem.error().message, HasSubstr(end));
  }
}

TEST(XPathCheck, SaysThatAProgramGaveNoAnswerInTime) {
  const Answering program("exec sleep 60");
  auto child = StartedChild::start(program.path());
  ASSERT_TRUE(child) << child.error().message;
  testing::internal::CaptureStderr();
  const auto problem = xpath_problem(*child, {"x"}, seconds(2), seconds(1));
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "doutu: doutu-fetcher has not started after 1 s, the machine may be busy; waiting up to 1 s more\n");
  ASSERT_FALSE(problem);
  EXPECT_EQ(problem.error().code, ETIMEDOUT);
  EXPECT_THAT(problem.error().message,
              HasSubstr("doutu-fetcher did not start within 2 s; the machine may be overloaded"));
  EXPECT_THAT(problem.error().message, HasSubstr("run the same command again"));
}

TEST(XPathCheck, WaitsForAProgramThatIsSlowToStart) {
  const std::string slow = std::string("sleep 2; exec ") + kFetcher;
  const Answering program(slow);
  auto child = StartedChild::start(program.path());
  ASSERT_TRUE(child) << child.error().message;
  const auto problem = xpath_problem(*child, {"//img"}, seconds(60), seconds(1));
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_EQ(*problem, std::nullopt);
}

TEST(XPathCheck, AMissingProgramIsAnError) {
  const auto child = StartedChild::start("/does/not/exist");
  ASSERT_FALSE(child);
  EXPECT_THAT(child.error().message, HasSubstr("/does/not/exist"));
}

}  // namespace
}  // namespace doutu

#include "shared/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

// The tests of the default sink come before the one that replaces it: there is no way back, and none is needed.

TEST(Log, AChildWritesLevelAndTextOnOneLine) {
  CaptureStderr();
  log_debug("a");
  log_info("b {}", 2);
  log_warning("c\nd");
  log_error("e");
  EXPECT_EQ(GetCapturedStderr(), "D a\nI b 2\nW c d\nE e\n");
}

TEST(Log, ALineIsShortEnoughToBeWrittenWhole) {
  CaptureStderr();
  log_error("{}", std::string(10'000, 'x'));
  const std::string line = GetCapturedStderr();
  EXPECT_LE(line.size(), 4096U) << "PIPE_BUF, pipe(7)";
  EXPECT_GE(line.size(), 4000U);
  EXPECT_EQ(line.back(), '\n');
}

TEST(Log, TheSinkIsHandedLevelAndText) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel level, std::string_view text) {
    lines.push_back(std::string(1, static_cast<char>(level)) + ":" + std::string(text));
  });
  log_info("{} of {}", 1, 2);
  log_error("bad");
  set_log_sink([](LogLevel, std::string_view) {});
  EXPECT_THAT(lines, ElementsAre("I:1 of 2", "E:bad"));
}

}  // namespace
}  // namespace doutu

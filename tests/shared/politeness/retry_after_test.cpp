#include "shared/politeness/retry_after.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

using std::chrono::seconds;
constexpr std::chrono::sys_seconds kNow{seconds(784'111'777)};  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(RetryAfter, IsANumberOfSeconds) {
  EXPECT_EQ(parse_retry_after("0", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("120", kNow), seconds(120));
  EXPECT_EQ(parse_retry_after(" \t007 ", kNow), seconds(7));
  EXPECT_EQ(parse_retry_after(std::string(400, '9'), kNow), seconds::max());
}

TEST(RetryAfter, IsADate) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", kNow), seconds(60));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", kNow), seconds(0)) << "past";
  EXPECT_EQ(parse_retry_after("Mon, 01 Jan 1601 00:00:00 GMT", kNow), seconds(0));
}

TEST(RetryAfter, IsNoNonsense) {
  for (const char* value :
       {"", " ", "-1", "+1", "1.5", "120abc", "0x10", "1e3", "120 s", "120, 60", "soon", "\xef\xbc\x91"}) {
    EXPECT_EQ(parse_retry_after(value, kNow), std::nullopt) << value;
  }
}

TEST(RetryAfter, HoldsOthersUpTheMoreTheOftenerItIsSaid) {
  std::uint32_t times = 0;
  for (const int believed : {1, 8, 64, 512, 3600, 3600}) {
    EXPECT_EQ(believed_of_host(seconds(3600), ++times), seconds(believed)) << times;
  }
  EXPECT_EQ(believed_of_host(seconds(5), 2), seconds(5));
  EXPECT_EQ(believed_of_host(seconds(0), 1), seconds(0));
  EXPECT_EQ(believed_of_host(seconds(99'999), 0), seconds(1));
  EXPECT_EQ(believed_of_host(seconds::max(), UINT32_MAX), seconds::max());
}

}  // namespace
}  // namespace doutu

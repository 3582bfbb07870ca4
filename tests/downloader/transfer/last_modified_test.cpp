#include "downloader/transfer/last_modified.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

using std::chrono::sys_seconds;

constexpr sys_seconds kNow{std::chrono::seconds(1'800'000'000)};  // Fri, 15 Jan 2027 08:00:00 GMT

std::optional<sys_seconds> parsed(std::string_view value) { return parse_last_modified(value, kNow); }
sys_seconds at(std::int64_t seconds_since_1970) { return sys_seconds(std::chrono::seconds(seconds_since_1970)); }

TEST(LastModified, IsWhatTheServerSays) {
  EXPECT_EQ(parsed("Sun, 09 Sep 2001 01:46:40 GMT"), at(1'000'000'000));
  EXPECT_EQ(parsed("Sunday, 09-Sep-01 01:46:40 GMT"), at(1'000'000'000));
  EXPECT_EQ(parsed("Sun Sep  9 01:46:40 2001"), at(1'000'000'000));
}

TEST(LastModified, IsNothingWhereItIsNoDate) {
  for (const char* value : {"", "yesterday", "0", "1000000000", "Sun, 99 Sep 2001 01:46:40 GMT"}) {
    EXPECT_EQ(parsed(value), std::nullopt) << value;
  }
}

TEST(LastModified, IsNothingThatLiesInTheFuture) {
  EXPECT_EQ(parsed("Fri, 15 Jan 2027 08:00:00 GMT"), kNow);
  EXPECT_EQ(parsed("Fri, 15 Jan 2027 08:00:01 GMT"), std::nullopt);
  EXPECT_EQ(parsed("Fri, 31 Dec 9999 23:59:59 GMT"), std::nullopt);
}

TEST(LastModified, IsNothingThatStandsForNoTimeAtAll) {
  EXPECT_EQ(parsed("Thu, 01 Jan 1970 00:00:00 GMT"), std::nullopt);
  EXPECT_EQ(parsed("Tue, 01 Jan 1980 00:00:00 GMT"), std::nullopt);
  EXPECT_EQ(parsed("Mon, 01 Jan 1601 00:00:00 GMT"), std::nullopt);
  EXPECT_EQ(parsed("Mon, 01 Jan 1990 00:00:00 GMT"), at(631'152'000));
}

}  // namespace
}  // namespace doutu

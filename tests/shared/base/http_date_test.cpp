#include "shared/base/http_date.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

using std::chrono::sys_seconds;
constexpr sys_seconds kExample{std::chrono::seconds(784'111'777)};  // that of RFC 9110

TEST(HttpDate, HasThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kExample);
}

TEST(HttpDate, IsReadTokenByToken) {
  EXPECT_EQ(parse_http_date("1994 nov 6 8:49:37"), kExample);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 +0500"), kExample) << "always GMT";
  EXPECT_EQ(parse_http_date("1 Jan 69 00:00:00"), std::chrono::sys_days(std::chrono::year(2069) / 1 / 1));
  EXPECT_EQ(parse_http_date("1 Jan 70 00:00:00"), sys_seconds{});
}

TEST(HttpDate, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "soon", "120", "06 Nov 1994", "06 Nov 1994 08:49", "06 Nov 1994 24:00:00", "06 Nov 1994 08:60:00",
        "31 Feb 2030 00:00:00", "0 Nov 1994 08:49:37", "32 Nov 1994 08:49:37", "6 Foo 1994 08:49:37",
        "6 Nov 1600 08:49:37", "6 Nov 19941 08:49:37", "006 Nov 1994 08:49:37", "6 Nov 1994 008:49:37"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace doutu

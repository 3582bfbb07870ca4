#include "shared/cookies/cookie_line.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

Cookie full() {
  Cookie cookie;
  cookie.name = "sid";
  cookie.value = "a b=\"c\"";
  cookie.domain = "example.com";
  cookie.host_only = false;
  cookie.path = "/shop";
  cookie.expires = 1'700'000'000;
  cookie.secure = true;
  cookie.http_only = true;
  cookie.same_site = SameSite::lax;
  cookie.created = 1'600'000'000'123;
  return cookie;
}

TEST(CookieLine, IsANetscapeLineAndThreeColumnsMore) {
  EXPECT_EQ(cookie_line(full()),
            "#HttpOnly_.example.com\tTRUE\t/shop\tTRUE\t1700000000\tsid\ta b=\"c\"\tlax\t1600000000123\thttps");
}

TEST(CookieLine, ReadsWhatItWrites) {
  Cookie cookie = full();
  for (const SameSite same_site : {SameSite::unset, SameSite::none, SameSite::lax, SameSite::strict, SameSite::given}) {
    cookie.same_site = same_site;
    EXPECT_EQ(read_cookie_line(cookie_line(cookie)), cookie);
  }
  cookie = full();
  cookie.http_only = cookie.secure = false;
  cookie.host_only = cookie.set_over_http = true;
  cookie.name.clear();
  cookie.expires = 0;
  EXPECT_EQ(read_cookie_line(cookie_line(cookie)), cookie);
  cookie.domain = "[2001:db8::1]";
  EXPECT_EQ(read_cookie_line(cookie_line(cookie)), cookie);
  cookie.name = "a";
  cookie.value.clear();
  EXPECT_EQ(read_cookie_line(cookie_line(cookie)), cookie);
}

TEST(CookieLine, RefusesWhatItDoesNotWrite) {
  const std::string good = "example.com\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t5\thttps";
  ASSERT_TRUE(read_cookie_line(good));
  for (const char* bad : {
           "",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t5\thttps\t",
           ".example.com\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t5\thttps",
           "example.com\tTRUE\t/\tFALSE\t0\ta\tb\tunset\t5\thttps",
           "example.com\tfalse\t/\tFALSE\t0\ta\tb\tunset\t5\thttps",
           "Example.com\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t5\thttps",
           "example.com\tFALSE\t\tFALSE\t0\ta\tb\tunset\t5\thttps",
           "example.com\tFALSE\t/\t\t0\ta\tb\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t\ta\tb\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t-1\ta\tb\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t99999999999999999999\ta\tb\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t0\t\t\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t0\ta=\tb\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb; c=d\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb\r\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb\todd\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t5 \thttps",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t5\tftp",
           "example.com\tFALSE\t/\tFALSE\t00\ta\tb\tunset\t5\thttps",
           "example.com\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t-0\thttps",
           "#HttpOnly_\tFALSE\t/\tFALSE\t0\ta\tb\tunset\t5\thttps",
       }) {
    EXPECT_FALSE(read_cookie_line(bad)) << bad;
  }
}

}  // namespace
}  // namespace doutu

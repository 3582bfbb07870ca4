#include "crawler/fetcher/text/refresh.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

std::string read(std::string_view text) {
  const auto refresh = parse_refresh(text);
  return refresh ? std::to_string(refresh->seconds) + " " + std::string(refresh->url) : "none";
}

TEST(Refresh, HasATimeAndAUrl) {
  EXPECT_EQ(read("0; url=/a"), "0 /a");
  EXPECT_EQ(read("5;URL=/a b"), "5 /a b");
  EXPECT_EQ(read(" \n5 , uRl \t= '/a'x"), "5 /a");
  EXPECT_EQ(read("5 url=\"/a"), "5 /a");
  EXPECT_EQ(read("5;'/a'"), "5 /a");
  EXPECT_EQ(read("5;/a"), "5 /a");
  EXPECT_EQ(read("5.9.1;/a"), "5 /a");
  EXPECT_EQ(read(".5;/a"), "0 /a");
}

TEST(Refresh, MayBeOfThePageItself) {
  EXPECT_EQ(read("5"), "5 ");
  EXPECT_EQ(read("5;"), "5 ");
  EXPECT_EQ(read("5; url="), "5 ");
  EXPECT_EQ(read("5;url=''"), "5 ");
}

TEST(Refresh, TakesWhatOnlyBeginsLikeUrlForAUrl) {
  EXPECT_EQ(read("5;url"), "5 url");
  EXPECT_EQ(read("5;ur=/a"), "5 ur=/a");
  EXPECT_EQ(read("5;user/1"), "5 user/1");
  EXPECT_EQ(read("5;url '/a'"), "5 url '/a'");
}

TEST(Refresh, IsNoneWithoutATime) {
  for (const char* text : {"", " ", "url=/a", "x", "-1;/a", "+1;/a", "5x;/a", "5/a", "; url=/a"}) {
    EXPECT_EQ(read(text), "none") << text;
  }
}

TEST(Refresh, MayBeLate) { EXPECT_EQ(read("99999999999999999999;/a"), "18446744073709551615 /a"); }

}  // namespace
}  // namespace doutu

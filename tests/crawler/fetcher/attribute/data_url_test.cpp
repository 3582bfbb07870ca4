#include "crawler/fetcher/attribute/data_url.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(DataUrl, IsKnownInAnyCaseAndAmongWhiteSpace) {
  EXPECT_TRUE(is_data_url("data:,x"));
  EXPECT_TRUE(is_data_url(" \t\nDaTa:,x"));
  EXPECT_TRUE(is_data_url("da\nta\t:"));
  EXPECT_FALSE(is_data_url("data"));
  EXPECT_FALSE(is_data_url("data/x:,"));
  EXPECT_FALSE(is_data_url("/data:,x"));
  EXPECT_FALSE(is_data_url(""));
}

TEST(DataUrl, IsPercentDecoded) {
  EXPECT_EQ(decode_data_url("data:,a%20b%zz%4"), "a b%zz%4");
  EXPECT_EQ(decode_data_url("data:image/svg+xml;utf8,<svg xmlns='x'/>"), "<svg xmlns='x'/>");
  EXPECT_EQ(decode_data_url("data:image/svg+xml;charset=utf-8,%3Csvg/%3E#icon"), "<svg/>");
}

TEST(DataUrl, IsDecodedFromBase64) {
  EXPECT_EQ(decode_data_url("data:image/png;base64,AAECAw=="), std::string("\0\1\2\3", 4));
  EXPECT_EQ(decode_data_url("data:image/png;base64,AAECAw"), std::string("\0\1\2\3", 4)) << "padding may be missing";
  EXPECT_EQ(decode_data_url("data:;base64,A A\n EC%41w=="), std::string("\0\1\2\3", 4)) << "white space and escapes";
  EXPECT_EQ(decode_data_url("data:; BASE64 ,AAECAw=="), std::string("\0\1\2\3", 4));
  EXPECT_EQ(decode_data_url("data:base64,AAEC"), "AAEC") << "a parameter has a semicolon before it";
}

TEST(DataUrl, IsRefusedWhenItsBase64IsNone) {
  EXPECT_EQ(decode_data_url("data:image/png;base64,AAECA"), std::nullopt);
  EXPECT_EQ(decode_data_url("data:image/png;base64,AA=ECA"), std::nullopt);
  EXPECT_EQ(decode_data_url("data:image/png;base64,AAE==="), std::nullopt);
  EXPECT_EQ(decode_data_url("data:image/png;base64,A-_C"), std::nullopt);
}

TEST(DataUrl, IsRefusedWithoutAComma) { EXPECT_EQ(decode_data_url("data:image/png;base64"), std::nullopt); }

TEST(DataUrl, IsShownShort) {
  const std::string longer = "data:image/png;base64," + std::string(100'000, 'A');
  EXPECT_LT(shorten_data_url(longer).size(), 100U);
  EXPECT_TRUE(shorten_data_url(longer).starts_with("data:image/png;base64,AAAA"));
  EXPECT_NE(shorten_data_url(longer), shorten_data_url(longer + "B")) << "two images are not one";
  EXPECT_EQ(shorten_data_url(longer), shorten_data_url(" " + longer + "\n"));
}

}  // namespace
}  // namespace doutu

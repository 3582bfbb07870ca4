#include "crawler/fetcher/text/content_type.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(Charset, IsFoundAsBrowsersReadAHeader) {
  EXPECT_EQ(charset_of("text/html; charset=utf-8"), "utf-8");
  EXPECT_EQ(charset_of("text/html;CHARSET=\"utf-8\" ; x=y"), "utf-8");
  EXPECT_EQ(charset_of("text/html; x=\";charset=big5\"; charset=gbk"), "gbk");
  EXPECT_EQ(charset_of("text/html; charset="), "");
  EXPECT_EQ(charset_of("text/html; charset=\"a"), "a");
  EXPECT_EQ(charset_of("text/html; charset=\"a\\"), "a\\");
  EXPECT_EQ(charset_of("text/html"), "");
}

TEST(Essence, IsTypeAndSubtypeOfWhatIsAMimeType) {
  EXPECT_EQ(essence_of("text/html"), "text/html");
  EXPECT_EQ(essence_of(" Text/HTML ;charset=gbk"), "text/html");
  EXPECT_EQ(essence_of("application/rss+xml"), "application/rss+xml");
  for (const char* none : {"", "text", "text/", "/html", "text/ html", "te xt/html", "text/html x", ";charset=gbk"}) {
    EXPECT_EQ(essence_of(none), "") << none;
  }
}

/// What a page is read by.
void expect_type(std::string_view values, std::string_view essence, std::string_view charset) {
  EXPECT_EQ(essence_of(extract_content_type(values)), essence) << values;
  EXPECT_EQ(charset_of(extract_content_type(values)), charset) << values;
}

/// Those of Fetch section 2.2.2 and of WPT's fetch/content-type.
TEST(ExtractContentType, TakesTheLastTypeWithTheCharsetOfThoseBeforeIt) {
  expect_type("text/html;charset=gbk", "text/html", "gbk");
  expect_type("text/plain;charset=gbk, text/html", "text/html", "");
  expect_type("text/html;charset=gbk;a=b, text/html;x=y", "text/html", "gbk");
  expect_type("text/html;charset=gbk;a=b, text/html;x=y;charset=big5", "text/html", "big5");
  expect_type("text/html;charset=gbk, text/plain, text/html", "text/html", "");
  expect_type("text/html;charset=gbk, x/x, text/html;x=y", "text/html", "");
  expect_type("text/html;charset=gbk, cannot-parse", "text/html", "gbk");
  expect_type("text/html;charset=gbk, */*", "text/html", "gbk");
  expect_type("text/html;charset=gbk, ", "text/html", "gbk");
  expect_type("text/html;\", text/plain, \", text/html;charset=gbk", "text/html", "gbk");
  expect_type("text/html;charset=\"a\\\"b\", text/html", "text/html", "a\"b");
}

TEST(ExtractContentType, KeepsWhatIsNoType) {
  EXPECT_EQ(extract_content_type(""), "");
  EXPECT_EQ(extract_content_type("html; charset=gbk"), "html; charset=gbk");
  EXPECT_EQ(charset_of(extract_content_type("; charset=gbk")), "gbk");
}

}  // namespace
}  // namespace doutu

#include "crawler/fetcher/text/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace doutu {
namespace {

const std::string kBad = "\xef\xbf\xbd";

TEST(Utf8, CountsAsciiWordByWordAndByteByByte) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string text(length, 'x');
    EXPECT_EQ(ascii_prefix(text), length);
    EXPECT_EQ(ascii_prefix(text + "\x80xxxxxxxxxxxx"), length);
  }
}

TEST(Utf8, ReplacesAMalformedSequenceUpToTheByteThatBreaksIt) {
  EXPECT_EQ(repair_utf8("a\xff\x80z"), "a" + kBad + kBad + "z");
  EXPECT_EQ(repair_utf8("\xe5\x9b<"), kBad + "<") << "a lead and what continues it are one";
  EXPECT_EQ(repair_utf8("\xf0\x9f\x98"), kBad) << "cut at the end";
  EXPECT_EQ(repair_utf8("\xc0\xaf"), kBad + kBad) << "overlong";
  EXPECT_EQ(repair_utf8("\xe0\x80\x80"), kBad + kBad + kBad) << "overlong";
  EXPECT_EQ(repair_utf8("\xed\xa0\x80"), kBad + kBad + kBad) << "a surrogate";
  EXPECT_EQ(repair_utf8("\xf4\x90\x80\x80"), kBad + kBad + kBad + kBad) << "beyond Unicode";
  EXPECT_EQ(repair_utf8("\xf1\x80\xe1\x80\xc2"), kBad + kBad + kBad);
}

TEST(Utf8, HandsValidTextThroughUncopied) {
  std::string text(100, 'x');
  text += "\xe5\x9b\xbe\xf0\x9f\x98\x80";
  const auto where = reinterpret_cast<std::uintptr_t>(text.data());
  const std::string same = repair_utf8(std::move(text));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(same.data()), where);
}

TEST(Utf8, TakesCodePointsAndPutsThem) {
  for (const char32_t c : {U'\0', U'a', U'\u0080', U'\u07ff', U'\u0800', U'\uffff', U'\U00010000', U'\U0010ffff'}) {
    std::string text;
    append_utf8(text, c);
    EXPECT_TRUE(is_valid_utf8(text));
    std::string_view rest = text;
    EXPECT_EQ(take_code_point(rest), c);
    EXPECT_TRUE(rest.empty());
  }
}

}  // namespace
}  // namespace doutu

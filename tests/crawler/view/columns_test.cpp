#include "crawler/view/columns.h"

#include <gtest/gtest.h>

#include <cstring>

namespace doutu {
namespace {

TEST(Columns, AChineseCharacterTakesTwoAndACombiningAccentNone) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("图片"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(columns_of("Ａ"), 2U);
  EXPECT_EQ(columns_of("😀"), 2U);
  EXPECT_EQ(columns_of("█░"), 2U);
  EXPECT_EQ(columns_of("\xff"), 1U) << "what is no UTF-8 counts a byte a column";
}

TEST(Columns, ATextIsCutAtAWholeCharacter) {
  EXPECT_EQ(cut_to_columns("图片目录", 8, Charset::utf8), "图片目录");
  EXPECT_EQ(cut_to_columns("图片目录", 7, Charset::utf8), "图片目…");
  EXPECT_EQ(cut_to_columns("图片目录", 6, Charset::utf8), "图片…") << "half a character does not fit";
  EXPECT_EQ(cut_to_columns("abc", 2, Charset::ascii), "a~");
  EXPECT_EQ(cut_to_columns("abc", 1, Charset::ascii), "~");
  EXPECT_EQ(cut_to_columns("abc", 0, Charset::ascii), "");
}

TEST(Columns, NoCutIsEverWiderThanAsked) {
  for (std::size_t columns = 0; columns < 30; ++columns) {
    for (const char* text :
         {"abcdefghijklmnopqrstuvwxyz0123456789", "图片目录图片目录图片目录图片目录", "a图b片c目d录e图f片g目h录"}) {
      EXPECT_LE(columns_of(cut_to_columns(text, columns, Charset::utf8)), columns);
      EXPECT_LE(columns_of(cut_middle(text, columns, Charset::utf8)), columns);
    }
  }
}

TEST(Columns, OfAUrlBothEndsAreShown) {
  EXPECT_EQ(cut_middle("https://example.com/list?page=12", 15, Charset::utf8), "https:/…page=12");
  EXPECT_EQ(cut_middle("short", 15, Charset::utf8), "short");
}

TEST(Columns, WhatIsNoAsciiBecomesQuestionMarksOfTheSameWidth) {
  EXPECT_EQ(in_charset("a图é", Charset::ascii), "a???");
  EXPECT_EQ(in_charset("a图é", Charset::utf8), "a图é");
}

TEST(Bar, IsFullOnlyAtTheEndAndEmptyOnlyAtTheStart) {
  EXPECT_EQ(bar(0, 10, 5, Charset::ascii), ".....");
  EXPECT_EQ(bar(5, 10, 4, Charset::ascii), "##..");
  EXPECT_EQ(bar(1, 1000, 5, Charset::ascii), "#....");
  EXPECT_EQ(bar(999, 1000, 5, Charset::ascii), "####.");
  EXPECT_EQ(bar(10, 10, 5, Charset::ascii), "#####");
  EXPECT_EQ(bar(0, 0, 5, Charset::ascii), ".....");
  EXPECT_EQ(bar(20, 10, 5, Charset::ascii), "#####") << "more than all";
}

TEST(Bar, HasEighthsOfAColumnInUtf8) {
  EXPECT_EQ(bar(1, 2, 3, Charset::utf8), "█▌░");
  EXPECT_EQ(bar(1, 1000, 2, Charset::utf8), "▏░");
  EXPECT_EQ(bar(999, 1000, 2, Charset::utf8), "█▉");
  for (std::uint64_t done = 0; done <= 100; ++done) EXPECT_EQ(columns_of(bar(done, 100, 7, Charset::utf8)), 7U) << done;
}

TEST(Charset, IsThatOfTheFirstVariableThatIsSet) {
  const auto charset = [](auto look_up) { return charset_of_locale(look_up); };
  EXPECT_EQ(charset([](const char*) -> const char* { return nullptr; }), Charset::ascii);
  EXPECT_EQ(charset([](const char* name) { return std::strcmp(name, "LANG") == 0 ? "zh_CN.UTF-8" : ""; }),
            Charset::utf8);
  EXPECT_EQ(charset([](const char* name) { return std::strcmp(name, "LC_ALL") == 0 ? "C" : "en_US.UTF-8"; }),
            Charset::ascii);
  EXPECT_EQ(charset([](const char* name) { return std::strcmp(name, "LC_CTYPE") == 0 ? "C.utf8" : nullptr; }),
            Charset::utf8);
}

}  // namespace
}  // namespace doutu

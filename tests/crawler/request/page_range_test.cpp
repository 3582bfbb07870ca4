#include "crawler/request/page_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace doutu {
namespace {

using testing::HasSubstr;

std::vector<std::uint64_t> numbers_of(const PageRange& range) {
  std::vector<std::uint64_t> numbers;
  PageRange::Cursor cursor = range.numbers();
  while (const auto number = cursor.next()) numbers.push_back(*number);
  return numbers;
}

struct Good {
  const char* text;
  const char* canonical;
  std::vector<std::uint64_t> numbers;
};

TEST(PageRange, IsReadInTheOrderGivenEachNumberOnce) {
  const std::vector<Good> table = {
      {"7", "7", {7}},
      {"1-3", "1-3", {1, 2, 3}},
      {"0-2", "0-2", {0, 1, 2}},
      {"007-010", "7-10", {7, 8, 9, 10}},
      {"20-26:2", "20-26:2", {20, 22, 24, 26}},
      {"20-27:3", "20-26:3", {20, 23, 26}},
      {"5-9:100", "5", {5}},
      {"5-5", "5", {5}},
      {"9,1-3", "9,1-3", {9, 1, 2, 3}},
      {"1-3,4-6,7", "1-7", {1, 2, 3, 4, 5, 6, 7}},
      {"1-5,2-4", "1-5", {1, 2, 3, 4, 5}},
      {"1-5,3-8", "1-8", {1, 2, 3, 4, 5, 6, 7, 8}},
      {"1-8,20,3-10", "1-8,20,9-10", {1, 2, 3, 4, 5, 6, 7, 8, 20, 9, 10}},
      {"7-9,1-5,3-8", "7-9,1-6", {7, 8, 9, 1, 2, 3, 4, 5, 6}},
      {"1-5,2-4:2", "1-5", {1, 2, 3, 4, 5}},
      {"2,2,2", "2", {2}},
      {"3-5,1-4", "3-5,1-2", {3, 4, 5, 1, 2}},
      {"1-8,3-10", "1-10", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
      {"3-4,1-2,1-6", "3-4,1-2,5-6", {3, 4, 1, 2, 5, 6}},
      {"3-4,1-2,1-4", "3-4,1-2", {3, 4, 1, 2}},
      {"5-6,1-9", "5-6,1-9", {5, 6, 1, 2, 3, 4, 7, 8, 9}},
      {"1-3:2,1-4", "1-3:2,1-4", {1, 3, 2, 4}},
      {"0-6:2,0-6:3", "0-6:2,0-6:3", {0, 2, 4, 6, 3}},
      {"1-10:2,2-10:2", "1-9:2,2-10:2", {1, 3, 5, 7, 9, 2, 4, 6, 8, 10}},
      {"999999999", "999999999", {999999999}},
  };
  for (const Good& good : table) {
    const Result<PageRange> range = PageRange::parse(good.text);
    ASSERT_TRUE(range) << good.text << ": " << range.error().message;
    EXPECT_EQ(range->text(), good.canonical) << good.text;
    EXPECT_EQ(numbers_of(*range), good.numbers) << good.text;
    EXPECT_EQ(range->count(), good.numbers.size()) << good.text;
    const Result<PageRange> again = PageRange::parse(range->text());
    ASSERT_TRUE(again) << good.text;
    EXPECT_EQ(*again, *range) << good.text;
  }
}

struct Bad {
  const char* text;
  const char* quoted;
  const char* advice;
};

TEST(PageRange, SaysWhatIsWrongAndWhatToWriteInstead) {
  const std::vector<Bad> table = {
      {"", "is empty", "1-10"},
      {"5-,1-3", "\"5-,1-3\"", "goes on after 5-, which has no end"},
      {"1-:0", "\"1-:0\"", "at least 1"},
      {"2-:2,3-:2", "\"2-:2,3-:2\"", "has no end"},
      {"-5", "\"-5\"", "has no first page"},
      {"-", "\"-\"", "has no first page"},
      {"5-1", "\"5-1\"", "write 1-5"},
      {"1-99999999999", "\"1-99999999999\"", "the largest page number is 999999999"},
      {"1000000000", "\"1000000000\"", "the largest page number is 999999999"},
      {"99999999999999999999999999", "99999999999999999999999999", "the largest page number is 999999999"},
      {"a", "\"a\"", "is not a page number or range"},
      {"1-b", "\"1-b\"", "is not a page number or range"},
      {"1 - 5", "\"1 - 5\"", "is not a page number or range"},
      {"+1", "\"+1\"", "is not a page number or range"},
      {"1-5-9", "\"1-5-9\"", "is not a page number or range"},
      {"1-5:0", "\"1-5:0\"", "at least 1"},
      {"1-5:", "\"1-5:\"", "at least 1"},
      {"1-5:x", "\"1-5:x\"", "is not a page number or range"},
      {"5:2", "\"5:2\"", "has a step but no range"},
      {"1,,2", "\"1,,2\"", "before or after a comma"},
      {",1", "\",1\"", "before or after a comma"},
      {"1,", "\"1,\"", "before or after a comma"},
      {"0-10000000", "\"0-10000000\"", "more than 10000000 pages"},
      {"0-9999999,5", "\"0-9999999,5\"", "more than 10000000 pages"},
      {"3\n\x1b[2J", "\"3\\x0a\\x1b[2J\"", "is not a page number or range"},
  };
  for (const Bad& bad : table) {
    const Result<PageRange> range = PageRange::parse(bad.text);
    ASSERT_FALSE(range) << bad.text;
    EXPECT_THAT(range.error().message, HasSubstr(bad.quoted)) << bad.text;
    EXPECT_THAT(range.error().message, HasSubstr(bad.advice)) << bad.text;
    EXPECT_EQ(range.error().message.find('\n'), std::string::npos) << bad.text;
  }
}

TEST(PageRange, KnowsItsNumbersWithoutWalking) {
  const Result<PageRange> range = PageRange::parse("10-20:5,3");
  ASSERT_TRUE(range);
  for (const std::uint64_t in : {10U, 15U, 20U, 3U}) EXPECT_TRUE(range->contains(in)) << in;
  for (const std::uint64_t out : {0U, 4U, 9U, 11U, 21U, 25U}) EXPECT_FALSE(range->contains(out)) << out;
}

TEST(PageRange, MayBeOpen) {
  for (const auto& [text, canonical, first] :
       std::vector<std::tuple<std::string, std::string, std::vector<std::uint64_t>>>{
           {"1-", "1-", {1, 2, 3}},
           {"5-:2", "5-:2", {5, 7, 9}},
           {"1-3,4-", "1-", {1, 2, 3}},
           {"1-3,2-", "1-", {1, 2, 3}},
           {"9,1-2,5-", "9,1-2,5-", {9, 1, 2, 5, 6, 7, 8, 10}},
           {"1-,5-9", "1-", {1, 2, 3}},
           {"0-9999999,1-", "0-", {0, 1, 2}},
       }) {
    const Result<PageRange> range = PageRange::parse(text);
    ASSERT_TRUE(range) << text << ": " << range.error().message;
    EXPECT_TRUE(range->is_open()) << text;
    EXPECT_EQ(range->count(), 0U) << text;
    EXPECT_EQ(range->text(), canonical) << text;
    EXPECT_EQ(PageRange::parse(range->text()).value(), *range) << text;
    PageRange::Cursor cursor = range->numbers();
    for (const std::uint64_t number : first) EXPECT_EQ(cursor.next(), number) << text;
  }
  EXPECT_FALSE(PageRange::parse("1-3")->is_open());
}

TEST(PageRange, CountsWhatIsBelowANumber) {
  EXPECT_EQ(PageRange::parse("1-")->count_below(40), 39U);
  EXPECT_EQ(PageRange::parse("5-:2")->count_below(10), 3U);
  EXPECT_EQ(PageRange::parse("5-:2")->count_below(5), 0U);
  EXPECT_EQ(PageRange::parse("20-22,3,5-")->count_below(21), 1U + 1U + 15U);
}

TEST(PageRange, WalksOverTenMillionPagesWithoutListingThem) {
  const Result<PageRange> range = PageRange::parse("0-9999999");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->count(), 10'000'000U);
  PageRange::Cursor cursor = range->numbers();
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
  for (; const auto number = cursor.next(); ++count) sum += *number;
  EXPECT_EQ(count, range->count());
  EXPECT_EQ(sum, 9'999'999ULL * 10'000'000ULL / 2);
  EXPECT_EQ(cursor.next(), std::nullopt);
}

TEST(PageRange, HasAtMostAThousandParts) {
  std::string text = "0";
  for (int i = 1; i < 1000; ++i) text += "," + std::to_string(i * 2);
  const Result<PageRange> most = PageRange::parse(text);
  ASSERT_TRUE(most) << most.error().message;
  EXPECT_EQ(most->count(), 1000U);
  const Result<PageRange> more = PageRange::parse(text + ",9999");
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message, HasSubstr("more than 1000 parts"));
  EXPECT_LT(more.error().message.size(), 200U);
}

}  // namespace
}  // namespace doutu

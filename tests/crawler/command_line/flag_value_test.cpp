#include "crawler/command_line/flag_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::HasSubstr;

TEST(FlagValue, ReadsWholeNumbersWithinTheirRange) {
  EXPECT_EQ(*parse_count("1", 1, 64), 1U);
  EXPECT_EQ(*parse_count("64", 1, 64), 64U);
  for (const std::string bad : {"0", "65", "", "x", "1x", "-1", "+1", " 1", "1.0", "18446744073709551616"}) {
    const Result<std::uint64_t> number = parse_count(bad, 1, 64);
    ASSERT_FALSE(number) << bad;
    EXPECT_EQ(number.error().message, "invalid value \"" + bad + "\"; expected a number from 1 to 64");
  }
}

TEST(FlagValue, ReadsSecondsWithFractions) {
  const auto read = [](std::string_view text) { return parse_seconds(text, milliseconds(50), milliseconds(60'000)); };
  EXPECT_EQ(read("0.05")->count(), 50);
  EXPECT_EQ(read("60")->count(), 60'000);
  EXPECT_EQ(read("1.2345")->count(), 1'235);
  for (const char* bad : {"", "0.04", "60.001", "-1", "nan", "inf", "1e99", "5s", "0,5"}) {
    const Result<milliseconds> time = read(bad);
    ASSERT_FALSE(time) << bad;
    EXPECT_THAT(time.error().message, HasSubstr("expected seconds from 0.05 to 60"));
  }
}

TEST(FlagValue, WritesSecondsAsItReadsThem) {
  for (const int count : {0, 1, 50, 500, 1'500, 30'000, 604'800'000}) {
    const milliseconds time(count);
    EXPECT_EQ(*parse_seconds(seconds_text(time), milliseconds(0), time), time) << seconds_text(time);
  }
  EXPECT_EQ(seconds_text(milliseconds(50)), "0.05");
  EXPECT_EQ(seconds_text(milliseconds(1'800'000)), "1800");
}

TEST(FlagValue, ReadsSizesWithUnits) {
  const auto read = [](std::string_view text) { return parse_size(text, 1, std::uint64_t{1} << 40U); };
  EXPECT_EQ(*read("500000"), 500'000U);
  EXPECT_EQ(*read("2k"), 2'048U);
  EXPECT_EQ(*read("64M"), 67'108'864U);
  EXPECT_EQ(*read("1.5G"), 1'610'612'736U);
  EXPECT_EQ(*read("1T"), std::uint64_t{1} << 40U);
  for (const char* bad : {"", "0", "1.1T", "-1", "M", "nan", "infM", "1e99", "5MB", "5 M", "1P"}) {
    const Result<std::uint64_t> size = read(bad);
    ASSERT_FALSE(size) << bad;
    EXPECT_THAT(size.error().message, HasSubstr("expected a size from 1 to 1T, for example 500M"));
  }
}

TEST(FlagValue, WritesSizesAsItReadsThem) {
  for (const std::uint64_t size : {0UL, 1UL, 1000UL, 1024UL, 1'500'000UL, 67'108'864UL, 1UL << 60U}) {
    EXPECT_EQ(*parse_size(size_text(size), 0, size), size) << size_text(size);
  }
  EXPECT_EQ(size_text(64 << 20), "64M");
  EXPECT_EQ(size_text(1000), "1000");
}

TEST(FlagValue, LinesHaveNoControlCharacters) {
  EXPECT_EQ(*parse_line("Mozilla/5.0 (X11)"), "Mozilla/5.0 (X11)");
  EXPECT_FALSE(parse_line(""));
  EXPECT_FALSE(parse_line("a\r\nHost: evil"));
  EXPECT_FALSE(parse_line(std::string(1001, 'a')));
}

}  // namespace
}  // namespace doutu

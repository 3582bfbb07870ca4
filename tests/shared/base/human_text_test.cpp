#include "shared/base/human_text.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(Human, CountsHaveCommas) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1000), "1,000");
  EXPECT_EQ(human_count(123456), "123,456");
  EXPECT_EQ(human_count(18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(Human, BytesHaveAUnit) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1024), "1.0 KiB");
  EXPECT_EQ(human_bytes(1'048'575), "1.0 MiB");
  EXPECT_EQ(human_bytes(21'940'000), "20.9 MiB");
  EXPECT_EQ(human_bytes(18446744073709551615U), "16.0 EiB");
}

TEST(Human, SecondsGrowIntoHours) {
  EXPECT_EQ(human_seconds(0.31), "0.3 s");
  EXPECT_EQ(human_seconds(59.94), "59.9 s");
  EXPECT_EQ(human_seconds(59.99), "1 min 00 s");
  EXPECT_EQ(human_seconds(245), "4 min 05 s");
  EXPECT_EQ(human_seconds(7380), "2 h 03 min");
  EXPECT_EQ(human_seconds(-1), "0.0 s");
}

TEST(Human, OneIsNotPlural) {
  EXPECT_EQ(human_number_of(1, "page"), "1 page");
  EXPECT_EQ(human_number_of(0, "page"), "0 pages");
  EXPECT_EQ(human_number_of(2000, "page"), "2,000 pages");
}

}  // namespace
}  // namespace doutu

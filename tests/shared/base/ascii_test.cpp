#include "shared/base/ascii.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(AsciiTest, OnlyLettersOfAsciiBecomeLowerCase) { EXPECT_EQ(ascii_lower("@AZ[`az{\xC0É"), "@az[`az{\xC0É"); }

TEST(AsciiTest, TextsEqualInWhateverCaseEitherIsWritten) {
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "cONTENT-tYPE"));
  EXPECT_FALSE(equals_ignoring_case("Content-Type", "Content-Typ"));
  EXPECT_FALSE(equals_ignoring_case("[", "{")) << "these differ by the bit of the case, too";
}

TEST(AsciiTest, ATextThatIsShorterThanTheBeginningDoesNotStartWithIt) {
  EXPECT_TRUE(starts_with_ignoring_case("<!DOCTYPE html>", "<!doctype"));
  EXPECT_TRUE(starts_with_ignoring_case("utf", ""));
  EXPECT_FALSE(starts_with_ignoring_case("UTF", "utf-16"));
}

}  // namespace
}  // namespace doutu

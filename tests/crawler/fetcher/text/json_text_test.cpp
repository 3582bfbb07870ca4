#include "crawler/fetcher/text/json_text.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

std::string mended(std::string_view json) { return with_whole_surrogates(json).value_or("as it was"); }

TEST(JsonText, LosesHalvesOfSurrogatesOnly) {
  EXPECT_EQ(mended(R"("\ud83d\ude00")"), "as it was");
  EXPECT_EQ(mended(R"("\uD83D\uDE00 \u4e00 \\ud83d \n")"), "as it was");
  EXPECT_EQ(mended(R"("cut \ud83d")"), R"("cut \ufffd")");
  EXPECT_EQ(mended(R"("\ude00\ud83d\ud83d\ude00")"), R"("\ufffd\ufffd\ud83d\ude00")");
  EXPECT_EQ(mended(R"("\ud83dx\ude00")"), R"("\ufffdx\ufffd")");
  EXPECT_EQ(mended(R"("\\\ud83d")"), R"("\\\ufffd")");
  EXPECT_EQ(mended(R"("\ud83)"), "as it was") << "which is no escape";
  EXPECT_EQ(mended(R"(\)"), "as it was");
}

}  // namespace
}  // namespace doutu

#include "crawler/view/sheet.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

const std::string kChinese = "https://e/表情/" + std::string(100, '-') + "/熊猫头.png";

TEST(Sheet, PutsALabelBeforeWhatItSays) {
  EXPECT_EQ(Sheet().words("pages", "76 asked"), "  pages     76 asked\n");
  EXPECT_EQ(Sheet().words("", "//a"), "            //a\n");
  EXPECT_EQ(Sheet().paragraph("Next: ", "wait."), "Next: wait.\n");
  EXPECT_EQ(Sheet().words("pages", ""), "  pages     \n");
}

TEST(Sheet, BreaksWordsAt80Columns) {
  const std::string forty(40, 'a');
  EXPECT_EQ(Sheet().words("found", forty + " " + std::string(27, 'b') + " c"),
            "  found     " + forty + " " + std::string(27, 'b') + "\n            c\n");
  EXPECT_EQ(Sheet().words("found", forty + " " + std::string(28, 'b')),
            "  found     " + forty + "\n            " + std::string(28, 'b') + "\n");
  EXPECT_EQ(Sheet().paragraph("Next: ", std::string(90, 'a') + " b c"),
            "Next: " + std::string(90, 'a') + "\n      b c\n");
}

TEST(Sheet, BreaksWordsEarlierOnANarrowTerminalAndNoLaterOnAWideOne) {
  const std::string text = std::string(17, 'a') + " " + std::string(50, 'b') + " c";
  EXPECT_EQ(Sheet(30, Charset::utf8).words("", "aaaa bbbb cccc dddd"),
            "            aaaa bbbb cccc\n            dddd\n");
  EXPECT_EQ(Sheet(200, Charset::utf8).words("", text), Sheet().words("", text));
  EXPECT_EQ(Sheet(0, Charset::utf8).words("", "a b c d e f"), Sheet(5, Charset::utf8).words("", "a b c d e f"));
}

TEST(Sheet, OfAFileHasWholeAddresses) {
  EXPECT_EQ(Sheet().address("failed", kChinese), "  failed    " + kChinese + "\n");
}

TEST(Sheet, OfATerminalCutsAddressesToItsWidth) {
  for (std::size_t columns = 21; columns < 140; ++columns) {
    const std::string line = Sheet(columns, Charset::utf8).address("failed", kChinese);
    const std::size_t taken = columns_of(line.substr(0, line.size() - 1));
    EXPECT_LT(taken, columns) << line;
    EXPECT_TRUE(taken + 4 > columns || line.find(kChinese) != std::string::npos) << "room is left: " << line;
  }
  const std::string line = Sheet(60, Charset::ascii).address("", kChinese);
  EXPECT_NE(line.find("https://e/表情/"), std::string::npos) << line;
  EXPECT_NE(line.find("~"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("/熊猫头.png\n")) << line;
}

TEST(Sheet, NeverCutsAPath) { EXPECT_EQ(Sheet::path("folder", kChinese), "  folder    " + kChinese + "\n"); }

}  // namespace
}  // namespace doutu

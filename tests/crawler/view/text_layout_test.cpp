#include "crawler/view/text_layout.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

const std::string kChinese = "https://e/表情/" + std::string(100, '-') + "/熊猫头.png";

TEST(TextLayout, PutsALabelBeforeWhatItSays) {
  EXPECT_EQ(TextLayout().words("pages", "76 asked"), "  pages     76 asked\n");
  EXPECT_EQ(TextLayout().words("", "//a"), "            //a\n");
  EXPECT_EQ(TextLayout().paragraph("Next: ", "wait."), "Next: wait.\n");
  EXPECT_EQ(TextLayout().words("pages", ""), "  pages     \n");
}

TEST(TextLayout, BreaksWordsAt80Columns) {
  const std::string forty(40, 'a');
  EXPECT_EQ(TextLayout().words("found", forty + " " + std::string(27, 'b') + " c"),
            "  found     " + forty + " " + std::string(27, 'b') + "\n            c\n");
  EXPECT_EQ(TextLayout().words("found", forty + " " + std::string(28, 'b')),
            "  found     " + forty + "\n            " + std::string(28, 'b') + "\n");
  EXPECT_EQ(TextLayout().paragraph("Next: ", std::string(90, 'a') + " b c"),
            "Next: " + std::string(90, 'a') + "\n      b c\n");
}

TEST(TextLayout, BreaksWordsEarlierOnANarrowTerminalAndNoLaterOnAWideOne) {
  const std::string text = std::string(17, 'a') + " " + std::string(50, 'b') + " c";
  EXPECT_EQ(TextLayout(30, Charset::utf8).words("", "aaaa bbbb cccc dddd"),
            "            aaaa bbbb cccc\n            dddd\n");
  EXPECT_EQ(TextLayout(200, Charset::utf8).words("", text), TextLayout().words("", text));
  EXPECT_EQ(TextLayout(0, Charset::utf8).words("", "a b c d e f"),
            TextLayout(5, Charset::utf8).words("", "a b c d e f"));
}

TEST(TextLayout, OfAFileHasWholeAddresses) {
  EXPECT_EQ(TextLayout().address("failed", kChinese), "  failed    " + kChinese + "\n");
}

TEST(TextLayout, OfATerminalCutsAddressesToItsWidth) {
  for (std::size_t columns = 21; columns < 140; ++columns) {
    const std::string line = TextLayout(columns, Charset::utf8).address("failed", kChinese);
    const std::size_t taken = columns_of(line.substr(0, line.size() - 1));
    EXPECT_LT(taken, columns) << line;
    EXPECT_TRUE(taken + 4 > columns || line.find(kChinese) != std::string::npos) << "room is left: " << line;
  }
  const std::string line = TextLayout(60, Charset::ascii).address("", kChinese);
  EXPECT_NE(line.find("https://e/表情/"), std::string::npos) << line;
  EXPECT_NE(line.find("~"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("/熊猫头.png\n")) << line;
}

TEST(TextLayout, NeverCutsAPath) { EXPECT_EQ(TextLayout::path("folder", kChinese), "  folder    " + kChinese + "\n"); }

}  // namespace
}  // namespace doutu

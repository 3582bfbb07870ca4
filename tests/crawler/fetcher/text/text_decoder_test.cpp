#include "crawler/fetcher/text/text_decoder.h"

#include <gtest/gtest.h>

#include "crawler/fetcher/text/page_text.h"

namespace doutu {
namespace {

using namespace std::string_literals;

const std::string kBad = "\xef\xbf\xbd";

TEST(TextDecoder, ReadsMoreThanALabelSays) {
  EXPECT_EQ(decode_text("\x81\x40", Encoding::gbk), "\u4e02");
  EXPECT_EQ(decode_text("\x81\x30\x81\x30", Encoding::gbk), "\u0080") << "four bytes, under the label gb2312 too";
  EXPECT_EQ(decode_text("\x93x\x94 \x80", Encoding::windows_1252), "\u201cx\u201d \u20ac");
  EXPECT_EQ(decode_text("\x87\x40", Encoding::shift_jis), "\u2460") << "NEC's";
  EXPECT_EQ(decode_text("\x81\x41", Encoding::euc_kr), "\uac02") << "Windows' hangul";
  EXPECT_EQ(decode_text("\x87\x40", Encoding::big5), "\u43f0") << "Hong Kong's";
  EXPECT_EQ(decode_text("\xbf\xde", Encoding::euc_jp), "\u56f3");
  EXPECT_EQ(decode_text("\x8f\xb0\xa1", Encoding::euc_jp), "\u4e02") << "JIS X 0212";
  EXPECT_EQ(decode_text("\xcf\xf0", Encoding::windows_1251), "\u041f\u0440");
}

TEST(TextDecoder, ReadsWhatNoTableHolds) {
  EXPECT_EQ(decode_text("\x88\x62\x88\x64\x88\xa3\x88\xa5", Encoding::big5),
            "\u00ca\u0304\u00ca\u030c\u00ea\u0304\u00ea\u030c");
  EXPECT_EQ(decode_text("\xb1\x80\xf0\x40", Encoding::shift_jis), "\uff71\u0080\ue000");
  EXPECT_EQ(decode_text("\x8e\xb1", Encoding::euc_jp), "\uff71");
  EXPECT_EQ(decode_text("\x80", Encoding::gb18030), "\u20ac");
  EXPECT_EQ(decode_text("\x81\x35\xf4\x37", Encoding::gb18030), "\ue7c7");
  EXPECT_EQ(decode_text("\x84\x31\xa4\x39\x90\x30\x81\x30\xe3\x32\x9a\x35", Encoding::gb18030),
            "\uffff\U00010000\U0010ffff");
  EXPECT_EQ(decode_text("\x80\xff", Encoding::x_user_defined), "\uf780\uf7ff");
}

TEST(TextDecoder, ReadsTheBytesThatASingleByteSetLeavesOpen) {
  EXPECT_EQ(decode_text("\x81\x9d", Encoding::windows_1252), "\u0081\u009d") << "controls";
  EXPECT_EQ(decode_text("\xd9\xca", Encoding::windows_1255), kBad + "\u05ba");
  EXPECT_EQ(decode_text("\xae\xbe", Encoding::koi8_u), "\u045e\u040e");
  EXPECT_EQ(decode_text("\xdb\xc6\xf0", Encoding::macintosh), "\u20ac\u2206\uf8ff");
  EXPECT_EQ(decode_text("\xff", Encoding::x_mac_cyrillic), "\u20ac");
  EXPECT_EQ(decode_text("\xe0", Encoding::iso_8859_8_i), "\u05d0");
  EXPECT_EQ(decode_text("\xd8", Encoding::windows_1258), "\u00d8") << "no accent waits for a letter";
}

TEST(TextDecoder, SwallowsNoAsciiByteBehindABadLead) {
  for (const Encoding encoding : {Encoding::gbk, Encoding::gb18030, Encoding::big5, Encoding::euc_kr,
                                  Encoding::shift_jis, Encoding::euc_jp, Encoding::utf_8}) {
    EXPECT_EQ(decode_text("<a b='\xe3'><img src=x>", encoding), "<a b='" + kBad + "'><img src=x>")
        << encoding_name(encoding);
  }
}

TEST(TextDecoder, ReplacesWhatIsMalformedAndGoesOn) {
  EXPECT_EQ(decode_text("\xff!\x81\x7f!\x81", Encoding::gb18030), kBad + "!" + kBad + "\x7f!" + kBad);
  EXPECT_EQ(decode_text("\x81\x30!\x81\x30\x81!", Encoding::gb18030), kBad + "0!" + kBad + "0" + kBad + "!");
  EXPECT_EQ(decode_text("\x81\x30\x81", Encoding::gb18030), kBad) << "cut at the end";
  EXPECT_EQ(decode_text("\xff\x39\xff\x39\x84\x39\xa4\x39", Encoding::gb18030), kBad + "9" + kBad + "9" + kBad);
  EXPECT_EQ(decode_text("\x8f\xa1!\x8f!\x8e!\x8e\xff!\xa1\xff!", Encoding::euc_jp),
            kBad + "!" + kBad + "!" + kBad + "!" + kBad + "!" + kBad + "!");
  EXPECT_EQ(decode_text("\x80\xa0\xfd", Encoding::shift_jis), "\u0080" + kBad + kBad);
  EXPECT_EQ(decode_text("\x87\xff!", Encoding::big5), kBad + "!");
}

TEST(TextDecoder, FollowsTheEscapesOfIso2022Jp) {
  const auto decode = [](const char* text) { return decode_text(text, Encoding::iso_2022_jp); };
  EXPECT_EQ(decode("a\x1b$B\x3f\x5e\x1b(Bb"), "a\u56f3b");
  EXPECT_EQ(decode("\x1b(J\\~\x1b(I\x31\x1b$@\x30\x21"), "\u00a5\u203e\uff71\u4e9c");
  EXPECT_EQ(decode("\x1b(B\x1b(Ba"), kBad + "a") << "an escape behind another";
  EXPECT_EQ(decode("\x1b$X"), kBad + "$X");
  EXPECT_EQ(decode("\x0e\x0f\x80z\x1b"), kBad + kBad + kBad + "z" + kBad);
  EXPECT_EQ(decode("\x1b$B\x3f\x1b(Bz"), kBad + "z") << "cut by an escape";
  EXPECT_EQ(decode("\x1b$B\x3f"), kBad);
}

TEST(TextDecoder, ReadsUtf16) {
  EXPECT_EQ(decode_text("\xfe\x56x\0"s, Encoding::utf_16le), "\u56fex");
  EXPECT_EQ(decode_text("\x56\xfe\xd8\x3d\xde\x00"s, Encoding::utf_16be), "\u56fe\U0001f600");
  EXPECT_EQ(decode_text("\xd8\x3d\0x\xde\x00\xd8\x3d"s, Encoding::utf_16be), kBad + "x" + kBad + kBad);
  EXPECT_EQ(decode_text("\0x\0"s, Encoding::utf_16be), "x" + kBad) << "half a unit";
}

TEST(TextDecoder, ReadsNothingOfWhatHidesMarkup) {
  EXPECT_EQ(decode_text("<img src=x>", Encoding::replacement), kBad);
  EXPECT_EQ(decode_text("", Encoding::replacement), "");
}

TEST(TextDecoder, KeepsNulsInAsciiAndLongTexts) {
  EXPECT_EQ(decode_text("a\0b"s, Encoding::gbk), "a\0b"s);
  std::string bytes;
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    bytes += "\xcd\xbc<p>";
    expected += "\u56fe<p>";
  }
  EXPECT_EQ(decode_text(bytes, Encoding::gbk), expected);
}

TEST(PageText, IsWithoutItsByteOrderMark) {
  EXPECT_EQ(decode_page("\xef\xbb\xbf\xe5\x9b\xbe", "text/html; charset=gbk").utf8, "\u56fe");
  const PageText text = decode_page("\xff\xfe\xfe\x56", "text/html; charset=utf-8", Encoding::big5);
  EXPECT_EQ(text.utf8, "\u56fe");
  EXPECT_EQ(text.encoding, Encoding::utf_16le);
}

}  // namespace
}  // namespace doutu

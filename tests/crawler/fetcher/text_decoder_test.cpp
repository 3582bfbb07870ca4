#include "crawler/fetcher/text_decoder.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr std::string_view kPicture = "\xe5\x9b\xbe";  // U+56FE, in GB18030 CD BC.

TEST(TextDecoder, BelievesTheByteOrderMarkFirst) {
  EXPECT_EQ(decode_text("\xef\xbb\xbf\xe5\x9b\xbe", "text/html; charset=gbk"), kPicture);
  EXPECT_EQ(decode_text("\xff\xfe\xfe\x56", "text/html; charset=utf-8"), kPicture);
  EXPECT_EQ(decode_text("\xfe\xff\x56\xfe", ""), kPicture);
}

TEST(TextDecoder, BelievesContentTypeBeforeMeta) {
  EXPECT_EQ(decode_text("<meta charset=utf-8>\xcd\xbc", "text/html; charset=\"GBK\""),
            "<meta charset=utf-8>" + std::string(kPicture));
}

TEST(TextDecoder, ReadsMeta) {
  for (const std::string meta :
       {"<meta charset=gb2312>", "<META CharSet = 'GB2312' />", "<meta name=x><meta charset=\"gb2312\">",
        "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>"}) {
    EXPECT_EQ(decode_text(meta + "\xcd\xbc", "text/html"), meta + std::string(kPicture));
  }
  EXPECT_EQ(decode_text("<meta charset=utf-16>\xe5\x9b\xbe", ""), "<meta charset=utf-16>" + std::string(kPicture));
  const std::string far = std::string(1100, ' ') + "<meta charset=gb2312>";
  EXPECT_EQ(decode_text(far + "\xe5\x9b\xbe", ""), far + std::string(kPicture)) << "beyond the prescan";
}

TEST(TextDecoder, ReadsLabelsAsBrowsersDo) {
  const auto decode = [](std::string bytes, const std::string& label) {
    return decode_text(std::move(bytes), "text/html; charset=" + label);
  };
  EXPECT_EQ(decode("\x81\x40", "gb2312"), "\xe4\xb8\x82") << "GBK only";
  EXPECT_EQ(decode("\x81\x30\x81\x30", "gb2312"), "\xc2\x80") << "GB18030 only";
  EXPECT_EQ(decode("\x93x\x94 \x80", "iso-8859-1"), "\xe2\x80\x9cx\xe2\x80\x9d \xe2\x82\xac");
  EXPECT_EQ(decode("\x93", "ascii"), "\xe2\x80\x9c");
  EXPECT_EQ(decode("\x87\x40", "shift_jis"), "\xe2\x91\xa0") << "CP932 only";
  EXPECT_EQ(decode("\x81\x41", "euc-kr"), "\xea\xb0\x82") << "UHC only";
  EXPECT_EQ(decode("\xb9\xcf", "Big5"), "\xe5\x9c\x96");
  EXPECT_EQ(decode("\xbf\xde", "euc-jp"), "\xe5\x9b\xb3");
  EXPECT_EQ(decode("\xcf\xf0", "windows-1251"), "\xd0\x9f\xd1\x80");
  EXPECT_EQ(decode("\xb1", "iso-8859-2"), "\xc4\x85");
  EXPECT_EQ(decode("\xf0", "KOI8-R"), "\xd0\x9f");
}

TEST(TextDecoder, TakesUtf8OrWindows1252ForThePageThatDoesNotSay) {
  EXPECT_EQ(decode_text("\xe5\x9b\xbe", ""), kPicture);
  EXPECT_EQ(decode_text("caf\xe9", ""), "caf\xc3\xa9");
  EXPECT_EQ(decode_text("caf\xe9", "text/html; charset=no-such-thing"), "caf\xc3\xa9");
  EXPECT_EQ(decode_text("", "text/html"), "");
}

TEST(TextDecoder, ReplacesWhatIsMalformedAndGoesOn) {
  EXPECT_EQ(decode_text("a\xff<img src=x>\xe5\x9b", "text/html; charset=utf-8"),
            "a\xef\xbf\xbd<img src=x>\xef\xbf\xbd");
  const std::string gbk = decode_text("a\xff<img src=x>\xcd", "text/html; charset=gb2312");
  EXPECT_TRUE(gbk.starts_with("a\xef\xbf\xbd<img src=x>")) << gbk;
  EXPECT_EQ(decode_text(std::string("\xfe\xff\xd8\x00\x00x", 6), ""), "\xef\xbf\xbdx") << "half of a surrogate pair";
}

TEST(TextDecoder, HandsNoOtherNamesToIconv) {
  for (const char* label : {"utf-7", "ISO-2022-CN-EXT", "UCS-4", "CP932//IGNORE", "windows-125", "iso-8859-999"}) {
    EXPECT_EQ(decode_text("+AGE-", std::string("text/html; charset=") + label), "+AGE-") << label;
  }
}

TEST(TextDecoder, SurvivesLongTexts) {
  std::string bytes;
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    bytes += "\xcd\xbc";
    expected += kPicture;
  }
  EXPECT_EQ(decode_text(bytes, "text/html; charset=gbk"), expected) << "over many buffers";
}

TEST(Charset, IsFoundInAnyWriting) {
  EXPECT_EQ(charset_of("text/html; charset=utf-8"), "utf-8");
  EXPECT_EQ(charset_of("text/html;CHARSET = \"utf-8\" ; x=y"), "utf-8");
  EXPECT_EQ(charset_of("text/html; charset='gbk"), "gbk");
  EXPECT_EQ(charset_of("text/html; charset charset=big5;"), "big5");
  EXPECT_EQ(charset_of("text/html; charset="), "");
  EXPECT_EQ(charset_of("text/html"), "");
}

}  // namespace
}  // namespace doutu

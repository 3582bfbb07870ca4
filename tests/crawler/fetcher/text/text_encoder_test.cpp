#include "crawler/fetcher/text/text_encoder.h"

#include <gtest/gtest.h>

#include "crawler/fetcher/text/text_decoder.h"
#include "crawler/fetcher/text/utf8.h"

namespace doutu {
namespace {

TEST(TextEncoder, WritesWhatTheDecoderReads) {
  EXPECT_EQ(encode_text("a\u56fe", Encoding::gbk), "a\xcd\xbc");
  EXPECT_EQ(encode_text("\u5716", Encoding::big5), "\xb9\xcf");
  EXPECT_EQ(encode_text("\u56f3\uff71\u4e9c", Encoding::euc_jp), "\xbf\xde\x8e\xb1\xb0\xa1");
  EXPECT_EQ(encode_text("\u56f3\uff71", Encoding::shift_jis), "\x90\x7d\xb1");
  EXPECT_EQ(encode_text("\uac00", Encoding::euc_kr), "\xb0\xa1");
  EXPECT_EQ(encode_text("\u20ac\u0081", Encoding::windows_1252), "\x80\x81");
  EXPECT_EQ(encode_text("\uf7ff", Encoding::x_user_defined), "\xff");
  EXPECT_EQ(encode_text("a\u56f3b\uff71\u00a5", Encoding::iso_2022_jp),
            "a\x1b$B\x3f\x5e\x1b(Bb\x1b$B\x25\x22\x1b(J\\\x1b(B");
}

TEST(TextEncoder, NamesWhatTheEncodingLacks) {
  EXPECT_EQ(encode_text("a\u56fe", Encoding::windows_1252), "a%26%2322270%3B");
  EXPECT_EQ(encode_text("\U0001f600", Encoding::big5), "%26%23128512%3B");
  EXPECT_EQ(encode_text("\u4e02", Encoding::euc_jp), "%26%2319970%3B") << "JIS X 0212 is for reading only";
  EXPECT_EQ(encode_text("\u56f3\U0001f600", Encoding::iso_2022_jp), "\x1b$B\x3f\x5e\x1b(B%26%23128512%3B");
  EXPECT_EQ(encode_text("\x1b", Encoding::iso_2022_jp), "%26%2365533%3B");
}

TEST(TextEncoder, TellsGbkFromGb18030) {
  EXPECT_EQ(encode_text("\u20ac", Encoding::gbk), "\x80");
  EXPECT_EQ(encode_text("\u20ac", Encoding::gb18030), "\xa2\xe3");
  EXPECT_EQ(encode_text("\u00e4", Encoding::gbk), "%26%23228%3B");
  EXPECT_EQ(encode_text("\u00e4", Encoding::gb18030), "\x81\x30\x8a\x31");
  EXPECT_EQ(encode_text("\ue5e5", Encoding::gb18030), "%26%2358853%3B");
  EXPECT_EQ(encode_text("\ue7c7", Encoding::gb18030), "\x81\x35\xf4\x37");
}

TEST(TextEncoder, PicksThePlaceThatBrowsersPick) {
  EXPECT_EQ(encode_text("\u2550\u5341", Encoding::big5), "\xf9\xf9\xa4\x51");
  EXPECT_EQ(encode_text("\u43f0", Encoding::big5), "%26%2317392%3B") << "Hong Kong's part is for reading only";
  EXPECT_EQ(encode_text("\u7e8a\u2170", Encoding::shift_jis), "\xfa\x5c\xfa\x40");
  EXPECT_EQ(encode_text("\u2212", Encoding::shift_jis), "\x81\x7c");
}

TEST(TextEncoder, WritesUtf8ForWhatIsForReadingOnly) {
  for (const Encoding encoding : {Encoding::utf_8, Encoding::utf_16le, Encoding::utf_16be, Encoding::replacement}) {
    EXPECT_EQ(encode_text("\u56fe", encoding), "\u56fe");
    EXPECT_FALSE(query_encoder(encoding));
  }
}

/// Code points that are written, and come back as others.
int count_folded(Encoding encoding) {
  int written = 0;
  int folded = 0;
  for (char32_t c = 0x80; c < 0x30000; c = c == 0xd7ff ? 0xe000 : c + 1) {
    std::string text;
    append_utf8(text, c);
    std::string bytes = encode_text(text, encoding);
    if (bytes.starts_with("%26")) continue;
    ++written;
    folded += decode_text(std::move(bytes), encoding) == text ? 0 : 1;
  }
  EXPECT_GT(written, 6000) << encoding_name(encoding);
  return folded;
}

TEST(TextEncoder, LetsEveryCodePointComeBackButThoseThatTheStandardFolds) {
  EXPECT_EQ(count_folded(Encoding::big5), 0);
  EXPECT_EQ(count_folded(Encoding::euc_kr), 0);
  EXPECT_EQ(count_folded(Encoding::gb18030), 18) << "private use before 2005";
  EXPECT_EQ(count_folded(Encoding::gbk), 18);
  EXPECT_EQ(count_folded(Encoding::euc_jp), 3) << "yen, overline, minus";
  EXPECT_EQ(count_folded(Encoding::shift_jis), 3);
  EXPECT_EQ(count_folded(Encoding::iso_2022_jp), 64) << "minus and half-width katakana";
}

}  // namespace
}  // namespace doutu

#include "crawler/fetcher/text/encoding_sniffer.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

using namespace std::string_literals;

Encoding sniff(std::string_view bytes, std::string_view content_type = "",
               std::optional<Encoding> forced = std::nullopt) {
  return sniff_encoding(bytes, forced, content_type).encoding;
}

TEST(EncodingSniffer, BelievesTheMarkThenTheUserThenTheHeaderThenTheMeta) {
  const std::string page = "<meta charset=gbk>";
  constexpr std::string_view kHeader = "text/html; charset=\"Big5\"";
  EXPECT_EQ(sniff("\xef\xbb\xbf" + page, kHeader, Encoding::koi8_r), Encoding::utf_8);
  EXPECT_EQ(sniff(page, kHeader, Encoding::koi8_r), Encoding::koi8_r);
  EXPECT_EQ(sniff(page, kHeader), Encoding::big5);
  EXPECT_EQ(sniff(page, "text/html"), Encoding::gbk);
  EXPECT_EQ(sniff(page, "text/html; charset=no-such-thing"), Encoding::gbk);
}

TEST(EncodingSniffer, KnowsThreeByteOrderMarks) {
  EXPECT_EQ(sniff_encoding("\xef\xbb\xbf", std::nullopt, "").mark_bytes, 3U);
  EXPECT_EQ(sniff("\xfe\xff"), Encoding::utf_16be);
  EXPECT_EQ(sniff("\xff\xfe"), Encoding::utf_16le);
  EXPECT_EQ(sniff_encoding("\xef\xbb", std::nullopt, "").mark_bytes, 0U);
}

TEST(EncodingSniffer, TakesUtf8OrWindows1252ForThePageThatDoesNotSay) {
  EXPECT_EQ(sniff(""), Encoding::utf_8);
  EXPECT_EQ(sniff("\xe5\x9b\xbe"), Encoding::utf_8);
  EXPECT_EQ(sniff("caf\xe9"), Encoding::windows_1252);
}

TEST(EncodingSniffer, ReadsMeta) {
  for (const char* meta :
       {"<meta charset=gb2312>", "<META CharSet = 'GB2312' />", "<meta name=x><meta charset=\"gb2312\">",
        "<meta/charset=gb2312>", "<meta charset=x-nonsense><meta charset=gb2312>", "<meta charset=gb2312 charset=big5>",
        "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>",
        "<meta content=\"charset charset = 'gb2312'\" http-equiv=content-type>",
        "<!-- <meta charset=big5> --><meta charset=gb2312>", "<!--><meta charset=gb2312>",
        "<a title='<meta charset=big5>'><meta charset=gb2312>", "</a title='>'><?x><!x><meta charset=gb2312>"}) {
    EXPECT_EQ(encoding_of_meta(meta), Encoding::gbk) << meta;
  }
}

TEST(EncodingSniffer, PassesOverWhatIsNoMeta) {
  for (const char* text :
       {"<metacharset=gb2312>", "<meta charset=gb2312", "<meta charset='gb2312>", "<meta content='charset=gb2312'>",
        "<meta http-equiv=refresh content='charset=gb2312'>", "<!-- <meta charset=gb2312>",
        "<a b='<meta charset=gb2312>", "<meta http-equiv=content-type content='charset=\"gb2312'>", "<", "<m", "</",
        "<meta", "<meta ", "<meta a", "<meta a="}) {
    EXPECT_EQ(encoding_of_meta(text), std::nullopt) << text;
  }
}

TEST(EncodingSniffer, KnowsThatAPageItCouldReadIsNotInUtf16) {
  EXPECT_EQ(encoding_of_meta("<meta charset=utf-16>"), Encoding::utf_8);
  EXPECT_EQ(encoding_of_meta("<meta charset=x-user-defined>"), Encoding::windows_1252);
  EXPECT_EQ(sniff("x", "text/html; charset=utf-16"), Encoding::utf_16le) << "a header may say so";
}

TEST(EncodingSniffer, ReadsTheXmlDeclaration) {
  EXPECT_EQ(encoding_of_meta("<?xml version='1.0' encoding = 'gbk'?><p>"), Encoding::gbk);
  EXPECT_EQ(encoding_of_meta("<?xml encoding='gbk'?><meta charset=big5>"), Encoding::big5);
  EXPECT_EQ(encoding_of_meta("<?xml encoding=gbk?>"), std::nullopt);
  EXPECT_EQ(encoding_of_meta("<\0?\0x\0"s), Encoding::utf_16le);
  EXPECT_EQ(encoding_of_meta("\0<\0?\0x"s), Encoding::utf_16be);
}

TEST(EncodingSniffer, GoesOnThroughALongHeadButNotIntoTheBody) {
  const std::string comment = "<!--" + std::string(2000, 'x') + "-->";
  EXPECT_EQ(encoding_of_meta(comment + "<title>a<p></title><script>'<p>'</script><meta charset=gbk>"), Encoding::gbk);
  EXPECT_EQ(encoding_of_meta(comment + "<div><meta charset=gbk>"), std::nullopt);
  EXPECT_EQ(encoding_of_meta(comment + "<script><meta charset=gbk></script>"), std::nullopt);
  EXPECT_EQ(encoding_of_meta("<!--" + std::string(70'000, 'x') + "--><meta charset=gbk>"), std::nullopt);
}

}  // namespace
}  // namespace doutu

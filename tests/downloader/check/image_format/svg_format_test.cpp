#include "downloader/check/image_format/svg_format.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

using namespace std::string_literals;

Judged svg(std::uint32_t width = 0, std::uint32_t height = 0) {
  return {.type = "svg", .width = width, .height = height, .frames = 1};
}

TEST(SvgFormat, IsWholeAtTheEndTagOfItsRoot) {
  expect_whole(svg(), "<svg xmlns='http://www.w3.org/2000/svg'><g><path d='M0 0'/></g><!-- </svg> --></svg>");
  expect_whole(svg(), "<?xml version='1.0'?><!-- x --><s:svg xmlns:s='http://www.w3.org/2000/svg'><s:g/></s:svg>");
  expect_whole(svg(), "<svg/>");
}

TEST(SvgFormat, KnowsItsSize) {
  expect(svg(120, 80), "<svg width='120' height=' 79.6px'/>");
  expect(svg(30, 40), "<svg viewBox='0 0 30 40'/>");
  expect(svg(30, 40), "<svg width='100%' height='10em' viewBox='-5,-5,30,40'/>");
  expect(svg(), "<svg width='1e99' height='-3' viewBox='0 0 x'/>");
}

TEST(SvgFormat, IsDamagedWhereItIsNoXml) {
  for (const std::string body : {"<svg><g></svg>", "<svg><g", "<svg><br></p></svg>", "<svg a=b></svg>",
                                 "<svg>&nbsp;</svg>", "<svg>\x01</svg>", "<svg>\xff</svg>", "<svg a='1' a='2'/>"}) {
    EXPECT_NE(judge(body).cause, Cause::none) << body;
  }
  expect(Cause::damaged_image, "<svg><g></svg>");
  expect(Cause::incomplete_image, "<svg><g>");
}

TEST(SvgFormat, ReadsEncodingsThatItDoesNotKnow) {
  expect(svg(), "<?xml version='1.0' encoding='gb2312'?><svg><text>\xb6\xb7\xcd\xbc</text></svg>");
  expect(svg(), "<?xml version='1.0' encoding='ISO-8859-1'?><svg><text>\xe9</text></svg>");
}

/// Of ASCII; high: which of a unit's two bytes the high one is.
std::string utf16(std::string_view text, std::size_t high) {
  std::string units = high == 0 ? "\xfe\xff" : "\xff\xfe";
  for (const char letter : text) units += high == 0 ? std::string({'\0', letter}) : std::string({letter, '\0'});
  return units;
}

TEST(SvgFormat, ReadsUtf16WithItsByteOrderMarkWhateverIsDeclared) {
  const std::string drawing = "<svg width='30' height='40'><g/></svg>";
  for (const std::size_t high : {0U, 1U}) {
    for (const std::string declared : {"UTF-16", "utf-16le", "UTF-16BE", "UTF-8", "iso-8859-1", "gb2312"}) {
      const std::string text = "<?xml version='1.0' encoding='" + declared + "'?><!-- x -->" + drawing;
      expect_whole(svg(30, 40), utf16(text, high));
    }
    expect_whole(svg(30, 40), utf16(drawing, high));
    expect(Cause::html_not_image, utf16("<!doctype html>", high));
    expect(Cause::not_an_image, utf16("{}", high));
  }
}

TEST(SvgFormat, BelievesNoDeclarationOfUtf16ThatItCanRead) {
  for (const std::string mark : {"", "\xef\xbb\xbf"}) {
    for (const std::string declared : {"UTF-16", "utf-16le", "UTF-16BE", "UTF16", "UCS-2", "utf-32", "us-ascii"}) {
      expect_whole(svg(), mark + "<?xml version='1.0' encoding=\"" + declared + "\"?><svg><t>\xc3\xa9</t></svg>");
    }
  }
  expect(Cause::damaged_image, "<?xml version='1.0' encoding='UTF-16'?><svg><t>\xff</t></svg>");
}

TEST(SvgFormat, ReadsADoctypeWithItsQuotationsAndComments) {
  for (const std::string doctype :
       {"[<!ENTITY c \"a[href]{}\"><!ENTITY d 'x'>]", "[<!ENTITY c ']>'><!ENTITY d \"it's\">]",
        "[<!-- [1] ]> ' --><!ENTITY d 'x'>]", "[<?x ]> \" ?><!ENTITY d 'x'>]", "PUBLIC \"-//W3C\" 'http://x/[>'"}) {
    expect_whole(svg(), "<!DOCTYPE svg " + doctype + "><svg><g/></svg>");
  }
}

TEST(SvgFormat, ReadsARootBehindALongProlog) {
  const std::string fill(20'000, 'x');
  for (const std::string& prolog : {"<!-- " + fill + " -->", "<?xml version='1.0'?><!-- " + fill + " -->",
                                    "<!DOCTYPE svg [<!ENTITY c '" + fill + "'>]>", "<?x " + fill + "?>",
                                    std::string(20'000, ' '), "<?xml version='1.0'?>" + std::string(20'000, '\n')}) {
    EXPECT_EQ(judge(prolog + "<svg width='3' height='4'><g/></svg>"), svg(3, 4));
    EXPECT_EQ(judge(prolog + "<svg width='3' height='4'><g/></svg>", 1000), svg(3, 4));
    EXPECT_EQ(judge(prolog + "<svg><g>").cause, Cause::incomplete_image);
    EXPECT_EQ(judge(prolog + "<svg><g></svg>").cause, Cause::damaged_image);
  }
}

TEST(SvgFormat, TellsWhatElseComesBehindALongProlog) {
  const std::string comment = "<!-- " + std::string(20'000, 'x') + " -->";
  EXPECT_EQ(judge(comment + "<html>").cause, Cause::html_not_image);
  EXPECT_EQ(judge(comment).cause, Cause::html_not_image);
  EXPECT_EQ(judge("<!-- -- -->" + comment + "<p>").cause, Cause::html_not_image);
  EXPECT_EQ(judge("<?xml version='1.0'?><?x " + comment + "?><rss>").cause, Cause::not_an_image);
  EXPECT_EQ(judge(std::string(20'000, ' ') + "Not found").cause, Cause::not_an_image);
}

TEST(SvgFormat, IsDamagedWhereItDrawsNothing) {
  for (const std::string size : {"width='0' height='0'", "width='0px' height='0'", "width='0' height='9'", "height='0'",
                                 "width='0' height='0' viewBox='0 0 3 4'"}) {
    expect(Cause::damaged_image, "<svg " + size + "/>");
  }
  expect(svg(), "<svg width='0%' height='0em'/>");
}

/// Ten to the power of nine times three letters.
std::string bomb(const std::string& use) {
  std::string entities = "<!ENTITY a0 'lol'>";
  for (int i = 1; i < 10; ++i) {
    entities += "<!ENTITY a" + std::to_string(i) + " '";
    for (int j = 0; j < 10; ++j) entities += "&a" + std::to_string(i - 1) + ";";
    entities += "'>";
  }
  return "<!DOCTYPE svg [" + entities + "]><svg " + use + "</svg>";
}

TEST(SvgFormat, ExpandsNoEntityBomb) {
  EXPECT_EQ(judge(bomb(">&a9;")), svg());
  EXPECT_EQ(judge(bomb("x='&a9;'>")).cause, Cause::damaged_image);
}

TEST(SvgFormat, ExpandsNoBombThatABodyOfItsSizeHides) {  // Expat's own limit is a hundred times the body.
  const std::string letters(5'000, 'x');
  std::string uses;
  for (int i = 0; i < 2'000; ++i) uses += "&a;";
  const std::string body = "<!DOCTYPE svg [<!ENTITY a '" + letters + "'>]><svg><!--" + std::string(1'000'000, ' ') +
                           "--><g x='" + uses + "'/></svg>";
  EXPECT_EQ(judge(body).cause, Cause::damaged_image);
}

TEST(SvgFormat, BoundsATagThatGoesOn) {
  const auto tag = [](std::size_t size) { return "<svg><image " + std::string(size, ' ') + "/></svg>"; };
  EXPECT_EQ(judge(tag(900'000), 10'000), svg());
  EXPECT_EQ(judge(tag(2'000'000), 10'000).cause, Cause::damaged_image);
  EXPECT_EQ(judge(tag(2'000'000)).cause, Cause::damaged_image);
}

TEST(SvgFormat, LeavesAnInlineImageAsLargeAsItIs) {
  const std::string line = std::string(76, 'A') + "&#xA;";
  std::string lines;
  while (lines.size() < 20'000'000) lines += line;
  const std::string body = "<svg width='3' height='4'><image href='data:image/png;base64," + lines + "'/></svg>";
  EXPECT_EQ(judge(body, 100'000), svg(3, 4));
  EXPECT_EQ(judge(body), svg(3, 4));
  EXPECT_EQ(judge(body.substr(0, body.size() - 10)).cause, Cause::incomplete_image);
  EXPECT_EQ(judge(body + "</svg>"), svg(3, 4));
}

TEST(SvgFormat, HoldsLittleOfAnInlineImage) {
  std::vector<std::unique_ptr<SvgFormat>> slots;
  const std::string begin = "<svg><image href='data:image/png;base64,";
  const std::string piece(1'000'000, 'A');
  const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  for (int slot = 0; slot < 4; ++slot) {
    slots.push_back(std::make_unique<SvgFormat>());
    slots.back()->feed(std::as_bytes(std::span(begin)));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(slots.back()->feed(std::as_bytes(std::span(piece))), Progress::going);
  }
  EXPECT_LT(::mallinfo2().uordblks + ::mallinfo2().hblkhd - before, std::size_t{4} << 20U);
}

TEST(SvgFormat, ReadsNothingOutsideTheBody) {
  expect(svg(), "<!DOCTYPE svg SYSTEM '/dev/zero' [<!ENTITY x SYSTEM '/etc/passwd'>]><svg>&x;</svg>");
}

TEST(SvgFormat, BoundsNesting) {
  std::string deep = "<svg>";
  for (int i = 0; i < 1023; ++i) deep += "<g>";
  EXPECT_EQ(judge(deep).cause, Cause::incomplete_image);
  EXPECT_EQ(judge(deep + "<g>").cause, Cause::damaged_image);
}

TEST(SvgFormat, TakesTimeThatGrowsWithItsSizeOnly) {  // Without care for it: 2,000 times what is read.
  const std::string inline_image =
      "<svg><image href='data:image/png;base64," + std::string(3'000'000, 'A') + "'/></svg>";
  EXPECT_EQ(judge(inline_image, 100), svg());
}

}  // namespace
}  // namespace doutu

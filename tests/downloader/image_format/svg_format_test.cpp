#include "downloader/image_format/svg_format.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/downloader/image_format/judge.h"

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

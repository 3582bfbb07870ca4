#include <gtest/gtest.h>

#include "tests/downloader/image_format/bytes.h"
#include "tests/downloader/image_format/judge.h"

namespace doutu {
namespace {

using namespace std::string_literals;

std::string box(const std::string& name, const std::string& content) {
  return big(4, content.size() + 8) + name + content;
}
std::string full_box(const std::string& name, const std::string& content, int version = 0) {
  return box(name, raw({version, 0, 0, 0}) + content);
}
std::string type(const std::string& brand = "avif") { return box("ftyp", brand + zeros(4) + "mif1"); }
std::string image_size(std::uint32_t width, std::uint32_t height) {
  return full_box("ispe", big(4, width) + big(4, height));
}
std::string properties() { return box("iprp", box("ipco", image_size(4, 3) + image_size(40, 30)) + box("ipma", "x")); }

/// One item with one extent of 10 bytes, of which the offset is given.
std::string location(std::uint64_t offset, int version = 0, int method = 0) {
  const std::string id = big(version < 2 ? 2 : 4, 1);
  const std::string construction = version == 0 ? "" : big(2, static_cast<std::uint64_t>(method));
  const std::string count = big(version < 2 ? 2 : 4, 1);
  return full_box(
      "iloc",
      raw({0x44, 0x40}) + count + id + construction + big(2, 0) + big(4, 0) + big(2, 1) + big(4, offset) + big(4, 10),
      version);
}
std::string meta(const std::string& locations) { return full_box("meta", box("hdlr", "x") + locations + properties()); }

/// Its extent is what follows it and the header of a box.
std::string still(int version = 0, const std::string& brand = "avif") {
  const std::size_t before = type(brand).size() + meta(location(0, version)).size();
  return type(brand) + meta(location(before + 8, version));
}
const std::string kData = box("mdat", "0123456789");

Judged avif(std::uint32_t frames = 1) { return {.type = "avif", .width = 40, .height = 30, .frames = frames}; }

void expect_whole_boxes(const Judged& expected, const std::string& body) {
  expect(expected, body);
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_NE(judge(body.substr(0, size)).cause, Cause::none) << size << " of " << body.size() << " bytes";
  }
}

TEST(BoxFormat, IsWholeAfterTheLastBoxWhenEveryExtentHasCome) {
  for (const int version : {0, 1, 2}) expect_whole_boxes(avif(), still(version) + kData);
  Judged heic = avif();
  heic.type = "heic";
  expect_whole_boxes(heic, still(0, "heic") + kData);
}

TEST(BoxFormat, ReadsLargeBoxesAndThoseThatGoToTheEnd) {
  expect(avif(), still() + big(4, 1) + "mdat" + big(8, 26) + "0123456789");
  expect(avif(), still() + big(4, 0) + "mdat" + "0123456789");
  expect(Cause::incomplete_image, still() + big(4, 0) + "mdat" + "012345678");
}

TEST(BoxFormat, EndsWithAWholeBox) {
  expect(avif(), still() + kData + box("free", "xyz"));
  expect(Cause::incomplete_image, still() + kData + box("free", "xyz").substr(0, 9));
  expect(Cause::incomplete_image, still());
}

TEST(BoxFormat, OverlooksWhatIsNoBoxBehindTheLastOne) {
  expect(avif(), still() + kData + "\0\0\0\5junk"s);
  expect(Cause::damaged_image, still() + "\0\0\0\5junk"s);
}

TEST(BoxFormat, TakesItemsThatLieInOtherItemsAtTheirWord) {
  expect(avif(), type() + meta(location(9999, 1, 1)) + kData);
  expect(Cause::incomplete_image, type() + meta(location(9999, 1, 0)) + kData);
}

TEST(BoxFormat, CountsTheSamplesOfASequence) {
  const auto movie = [](const std::string& chunk_offsets) {
    const std::string table = full_box("stsz", big(4, 0) + big(4, 3) + zeros(12)) + chunk_offsets;
    const std::string header = full_box("tkhd", zeros(72) + big(2, 40) + big(2, 0) + big(2, 30) + big(2, 0));
    return box("moov", box("trak", header + box("mdia", box("minf", box("stbl", table)))));
  };
  const std::size_t before = type("avis").size() + kData.size();
  const std::string offsets = full_box("stco", big(4, 2) + big(4, before - 5) + big(4, before - 1));
  expect_whole_boxes(avif(3), type("avis") + kData + movie(offsets));
  expect(Cause::incomplete_image, type("avis") + kData + movie(full_box("co64", big(4, 1) + big(8, 9999))));
}

TEST(BoxFormat, ReadsJpegXlInItsContainer) {
  const std::string start = box("JXL ", "\r\n\x87\n") + box("ftyp", "jxl \0\0\0\0jxl "s);
  const Judged jxl{.type = "jxl", .width = 0, .height = 0, .frames = 1};
  expect_whole_boxes(jxl, start + box("jxlc", "codestream"));
  expect_whole_boxes(jxl, start + box("jxlp", big(4, 0) + "code") + box("jxlp", big(4, 0x80000001) + "stream"));
  expect(jxl, start + big(4, 0) + "jxlc" + "codestream");
  expect(Cause::incomplete_image, start + box("jxlp", big(4, 0) + "code"));
}

TEST(BoxFormat, IsDamagedWhereABoxLeavesTheOneAroundIt) {
  std::string deep = box("trak", "");
  for (int i = 0; i < 10; ++i) deep = box("trak", deep);
  for (const std::string& wrong : {
           full_box("meta", big(4, 99) + "iloc" + zeros(20)),
           full_box("meta", big(4, 0) + "iloc" + zeros(20)),
           full_box("meta", box("hdlr", "x") + "rest"),
           full_box("meta", location(0).substr(0, 20)),
           full_box("meta", full_box("iloc", raw({0x44, 0x40}) + big(2, 2) + zeros(18))),     // Fewer items than said.
           full_box("meta", full_box("iloc", raw({0x34, 0x40}) + big(2, 1) + zeros(18))),     // Fields of three bytes.
           full_box("meta", full_box("iloc", raw({0x44, 0x40}) + big(2, 1) + zeros(18), 3)),  // An unknown version.
           box("meta", ""),
           box("moov", full_box("stco", big(4, 3) + zeros(8))),
           deep,
           big(4, 7) + "free",
       }) {
    expect(Cause::damaged_image, type() + wrong + kData);
  }
}

}  // namespace
}  // namespace doutu

#include <gtest/gtest.h>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"

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
  expect(Cause::incomplete_image, still());
}

TEST(BoxFormat, OverlooksWhatIsNoBoxBehindTheLastOne) {
  expect(avif(), still() + kData + "\0\0\0\5junk"s);
  expect(Cause::damaged_image, still() + "\0\0\0\5junk"s);
  for (const std::string& tail : {"\n"s, "\0\0\0\1"s, "\0\0\0\1junk\0"s, "<!-- served by cache 7 -->"s, zeros(7),
                                  box("free", "xyz").substr(0, 9), "\0\0\1\0uuid"s}) {
    expect_whole_if_all_came(avif(), still() + kData + tail);
    expect(Cause::incomplete_image, still() + tail);
  }
}

TEST(BoxFormat, NeedsEveryBoxThatHoldsAnImageToItsEnd) {
  for (const std::string name : {"meta", "moov", "moof", "mdat", "mini"}) {
    expect(Cause::incomplete_image, still() + kData + box(name, zeros(12)).substr(0, 11));
  }
}

TEST(BoxFormat, ReadsAMetaBoxThatGoesToTheEnd) {
  // What the meta box holds: its first entry is "hdlr", its item lies in the box before it.
  const auto parts = [](const std::string& locations) {
    return std::vector<std::string>{box("hdlr", "x"), box("pitm", "x"), locations, box("iinf", "x"), properties()};
  };
  const auto open_meta = [](const std::vector<std::string>& boxes) {
    std::string content;
    for (const std::string& part : boxes) content += part;
    return big(4, 0) + "meta" + zeros(4) + content;
  };
  const std::string before = type() + kData;
  const std::vector<std::string> whole = parts(location(type().size() + 8));
  expect_whole_if_all_came(avif(), before + open_meta(whole));
  expect(Cause::incomplete_image, before + open_meta(parts(location(9999))));
  expect(Cause::incomplete_image, before + open_meta(whole) + "\n");
  for (std::size_t lost = 1; lost < whole.size(); ++lost) {
    std::vector<std::string> rest = whole;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(lost));
    expect(Cause::incomplete_image, before + open_meta(rest));
  }
  std::vector<std::string> in_itself = parts(location(0, 1, 1));
  expect(Cause::incomplete_image, before + open_meta(in_itself));
  in_itself.push_back(box("idat", "0123456789"));
  expect_whole_if_all_came(avif(), before + open_meta(in_itself));
  in_itself.back().replace(0, 4, zeros(4));  // It goes to the end as well.
  expect(Cause::incomplete_image, before + open_meta(in_itself));
}

TEST(BoxFormat, ReadsAMinimizedImage) {
  const std::string small = box("ftyp", "mif3avif") + box("mini", raw({0, 0, 39, 29 << 1, 0, 0}) + "data");
  expect_whole_boxes(avif(), small);
  expect_whole_if_all_came(avif(), small + "\n");
  const std::string large = raw({0, 0}) + big(4, 1U << 31U | 639U << 16U | 479U << 1U) + "data";
  const Judged heic{.type = "heic", .width = 640, .height = 480, .frames = 1};
  expect_whole_boxes(heic, box("ftyp", "mif3heic") + box("mini", large));
  expect_whole_if_all_came(heic, box("ftyp", "mif3heic") + big(4, 0) + "mini" + large);
  expect(Cause::damaged_image, box("ftyp", "mif3avif") + box("mini", raw({0x40, 0, 39, 29 << 1, 0, 0}) + "data"));
  expect(Cause::damaged_image, box("ftyp", "mif3avif") + box("mini", raw({0, 0, 39})));
}

TEST(BoxFormat, IsDamagedWithoutASize) {
  const auto sized = [](const std::string& size) {
    const std::string locations = location(type().size() + 8);
    return type() + kData + full_box("meta", locations + box("iprp", box("ipco", size)));
  };
  expect(avif(), sized(image_size(40, 30)));
  for (const std::string& none : {""s, image_size(0, 0), image_size(40, 0), image_size(0, 30) + image_size(40, 30)}) {
    expect(Cause::damaged_image, sized(none));
  }
  expect(Cause::damaged_image, sized("") + "\0\0\0\5junk"s);
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
  expect_whole_if_all_came(jxl, start + big(4, 0) + "jxlc" + "codestream");
  expect_whole_if_all_came(jxl, start + big(4, 0) + "jxlp" + big(4, 0x80000000) + "codestream");
  expect_whole_if_all_came(jxl, start + box("jxlc", "codestream") + "\n");
  expect(jxl, start + box("jxlc", "codestream") + zeros(20));
  expect(Cause::incomplete_image, start + box("jxlc", "codestream").substr(0, 17));
  expect(Cause::incomplete_image, start + box("jxlp", big(4, 0) + "code"));
}

TEST(BoxFormat, IsDamagedWhereABoxLeavesTheOneAroundIt) {
  std::string deep = box("trak", "");
  for (int i = 0; i < 10; ++i) deep = box("trak", deep);
  for (const std::string& wrong : {
           full_box("meta", big(4, 0) + "free"),
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

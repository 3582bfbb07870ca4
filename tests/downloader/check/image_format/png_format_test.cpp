#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"
#include "tests/downloader/check/image_format/png_bytes.h"

namespace doutu {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\x89PNG\r\n\x1a\n"s;
const Judged kPng{.type = "png", .width = 40, .height = 30, .frames = 1};

std::string chunk(const std::string& type, const std::string& data = {}) {
  const std::string content = type + data;
  const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
  return big(4, data.size()) + content + big(4, ::crc32_z(0, bytes, content.size()));
}
std::string header(int depth = 8, int color_type = 2, std::uint32_t width = 40, std::uint32_t height = 30) {
  return kSignature + chunk("IHDR", big(4, width) + big(4, height) + raw({depth, color_type, 0, 0, 0}));
}
/// A chunk whose checksum is another's.
std::string wrong(const std::string& type, const std::string& data = {}) {
  std::string bytes = chunk(type, data);
  bytes.back() = static_cast<char>(~bytes.back());
  return bytes;
}
std::string data() { return chunk("IDAT", "pixels"); }
std::string end() { return chunk("IEND"); }

// The animation's chunks.
std::string animation(std::uint32_t frames) { return chunk("acTL", big(4, frames) + big(4, 0)); }
std::string frame(std::uint32_t number, std::uint32_t width = 40, std::uint32_t x = 0) {
  return chunk("fcTL", big(4, number) + big(4, width) + big(4, 30) + big(4, x) + big(4, 0) + big(2, 1) + big(2, 10) +
                           raw({0, 0}));
}
std::string frame_data(std::uint32_t number) { return chunk("fdAT", big(4, number) + "pixels"); }

TEST(PngFormat, IsWholeAtItsEndChunk) {
  expect_whole(kPng, header() + chunk("tEXt", "Title\0x"s) + data() + chunk("IDAT") + data() + chunk("tIME") + end());
}

TEST(PngFormat, FindsEveryFlippedBitThatMatters) {
  const std::string whole = draw_image(7, 16);
  expect({.type = "png", .width = 16, .height = 16, .frames = 1}, whole);
  for (const std::size_t at : bytes_that_matter(whole)) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ 1U << bit);
      EXPECT_NE(judge(flipped).cause, Cause::none) << "bit " << bit << " of byte " << at;
    }
  }
}

TEST(PngFormat, OverlooksTheChecksumOfWhatDecodersLeaveOut) {
  for (const std::string type : {"iCCP", "tEXt", "tRNS", "gAMA", "eXIf", "prVW", "fcTL"}) {
    expect_whole(kPng, header() + wrong(type, "abc") + data() + wrong(type, "abc") + end());
  }
  expect_whole(kPng, header() + data() + wrong("IEND"));
  expect_whole(kPng, header() + data() + chunk("IEND", "x"));
}

TEST(PngFormat, FindsTheWrongChecksumOfEverythingElse) {
  const std::string first = frame(0) + data();
  for (const std::string& body : {
           wrong("IDAT", "pixels"),
           data() + wrong("iDAT", "pixels"),  // It may have been IDAT.
           data() + wrong("JDAT", "pixels"),
           wrong("PLTE", "rgb") + data(),
           wrong("acTL", big(4, 2) + big(4, 0)) + first + frame(1) + frame_data(2),
           animation(2) + wrong("fcTL", frame(0).substr(8, 26)) + data(),
           animation(2) + first + frame(1) + wrong("fdAT", big(4, 2) + "pixels"),
           animation(1) + first + wrong("tEXt", "abc"),
       }) {
    expect(Cause::damaged_image, header() + body + end());
  }
}

TEST(PngFormat, NeedsNoEndBehindAChunkThatFollowsItsDataWhereAllCame) {
  const std::string end_of_data = header() + data();
  expect_whole_if_all_came(kPng, end_of_data + end().substr(0, 8));
  expect_whole_if_all_came(kPng, end_of_data + end().substr(0, 11));
  expect_whole_if_all_came(kPng, end_of_data + chunk("tEXt", "abc").substr(0, 9));
  expect_whole_if_all_came(kPng, end_of_data + chunk("tEXt", "abc") + end().substr(0, 3));
  Judged animated = kPng;
  animated.frames = 2;
  const std::string frames = header() + animation(2) + frame(0) + data() + frame(1) + frame_data(2);
  expect_whole_if_all_came(animated, frames + end().substr(0, 8));
  for (const std::string& cut : {end_of_data, end_of_data + end().substr(0, 7),
                                 end_of_data.substr(0, header().size() + 9), frames, frames + chunk("tEXt", "abc")}) {
    expect_doubtful_if_all_came(cut);
  }
  expect_no_doubt(header());
  expect_no_doubt(header() + data().substr(0, 7));
  expect_no_doubt(header() + end().substr(0, 8));
}

TEST(PngFormat, IsDoubtfulWhereWhatIsNoChunkFollowsItsData) {
  expect_doubtful_if_all_came(header() + data() + zeros(8));
  expect_doubtful_if_all_came(header() + data() + zeros(300));
  expect_doubtful_if_all_came(header() + data() + big(4, 0x80000000) + "tEXt" + zeros(9));
  expect_doubtful_if_all_came(header() + animation(1) + frame(0) + data() + chunk("tEXt", "abc") + zeros(20));
  expect_whole_if_all_came(kPng, header() + data() + chunk("tEXt", "abc") + zeros(20));
  expect(Cause::damaged_image, header() + zeros(20));
}

TEST(PngFormat, AddsUpTheChecksumOfALongChunkThatComesInPieces) {
  std::string whole = header() + chunk("IDAT", std::string(20'000, 'p')) + end();
  expect(kPng, whole);
  whole[10'000] = 'q';
  EXPECT_EQ(judge(whole).cause, Cause::damaged_image);
}

TEST(PngFormat, KnowsTheLegalHeaders) {
  const auto body = [](int depth, int color_type) {
    return header(depth, color_type) + chunk("PLTE", "rgb") + data() + end();
  };
  for (const auto& [color_type, depths] : std::vector<std::pair<int, std::vector<int>>>{
           {0, {1, 2, 4, 8, 16}}, {2, {8, 16}}, {3, {1, 2, 4, 8}}, {4, {8, 16}}, {6, {8, 16}}, {1, {}}, {5, {}}}) {
    for (const int depth : {0, 1, 2, 3, 4, 8, 16, 99}) {
      const bool is_legal = std::ranges::find(depths, depth) != depths.end();
      EXPECT_EQ(judge(body(depth, color_type)).cause, is_legal ? Cause::none : Cause::damaged_image)
          << depth << " bits of colour type " << color_type;
    }
  }
  for (const std::string& wrong : {header(8, 2, 0), header(8, 2, 40, 0), header(8, 2, 0x80000000),
                                   kSignature + chunk("IHDR", big(4, 40) + big(4, 30) + raw({8, 2, 1, 0, 0})),
                                   kSignature + chunk("IHDR", big(4, 40) + big(4, 30) + raw({8, 2, 0, 0, 2})),
                                   kSignature + chunk("IHDR", zeros(14))}) {
    expect(Cause::damaged_image, wrong + data() + end());
  }
}

TEST(PngFormat, NeedsItsChunksInOrder) {
  for (const std::string& wrong : {
           kSignature + data() + end(),                           // No header.
           header() + header().substr(8) + data() + end(),        // Two.
           header() + end(),                                      // No pixels.
           header() + data() + chunk("tIME") + data() + end(),    // Torn apart.
           header(8, 3) + data() + end(),                         // No palette.
           header(8, 3) + data() + chunk("PLTE", "rgb") + end(),  // Too late.
           header(8, 3) + chunk("PLTE", "rgb") + chunk("PLTE", "rgb") + data() + end(),
           header(8, 3) + chunk("PLTE", "rg") + data() + end(),
           header(8, 3) + chunk("PLTE") + data() + end(),
           header(8, 3) + chunk("PLTE", zeros(771)) + data() + end(),
           header() + chunk("CgBI") + data() + end(),  // What every decoder must know.
           header() + chunk("a1cd") + data() + end(),
           header() + big(4, 0x80000000) + "tEXt" + data() + end(),
       }) {
    expect(Cause::damaged_image, wrong);
  }
}

TEST(PngFormat, OverlooksAFaultyPaletteThatIsOnlyAHint) {
  expect(kPng, header() + chunk("PLTE", "rgba") + data() + end());
  expect(kPng, header() + chunk("PLTE", "rgb") + chunk("PLTE", "rgb") + data() + end());
  expect(kPng, header() + data() + chunk("PLTE", "rgb") + end());
  expect(Cause::damaged_image, header() + big(4, 4) + "PLTErgba" + zeros(4) + data() + end());  // Its checksum.
}

TEST(PngFormat, ReadsAnimations) {
  Judged animated = kPng;
  animated.frames = 2;
  const std::string first = frame(0) + data();
  expect_whole(animated, header() + animation(2) + first + frame(1) + frame_data(2) + frame_data(3) + end());
  expect_whole(animated,
               header() + animation(2) + data() + frame(0) + frame_data(1) + frame(2) + frame_data(3) + end());
}

TEST(PngFormat, OverlooksAFaultyAnimation) {
  const std::string first = frame(0) + data();
  for (const std::string& wrong : {
           animation(0) + data(),                                   // No frame.
           animation(2) + first,                                    // Fewer than said.
           animation(1) + first + frame(1) + frame_data(2),         // More.
           animation(2) + first + frame(2) + frame_data(1),         // Out of sequence.
           animation(2) + first + frame(1, 40, 1) + frame_data(2),  // Beside the image.
           animation(2) + first + frame(1, 0) + frame_data(2),      // Without a size.
           animation(2) + first + frame_data(1) + animation(1),
           animation(1) + animation(1) + first,
           data() + animation(1),
           animation(1) + data(),
           chunk("acTL", "short") + data(),
           animation(1) + chunk("fcTL", "short") + data(),
           animation(2) + first + chunk("fdAT", "1"),
       }) {
    expect(kPng, header() + wrong + end());
  }
}

TEST(PngFormat, IsStillWithoutAnAnimationChunk) { expect(kPng, header() + frame(9) + data() + frame_data(5) + end()); }

}  // namespace
}  // namespace doutu

#include <gtest/gtest.h>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

using namespace std::string_literals;

/// flags: 0x80 and the size of the global colour table.
std::string screen(int flags = 0x80, std::uint32_t width = 40, std::uint32_t height = 30) {
  const std::string table = (flags & 0x80) != 0 ? zeros(std::size_t{3} << ((flags & 7) + 1)) : "";
  return "GIF89a" + little(2, width) + little(2, height) + raw({flags, 0, 0}) + table;
}
std::string image(int flags = 0, int code_size = 2, std::uint32_t width = 5, std::uint32_t height = 6) {
  const std::string table = (flags & 0x80) != 0 ? zeros(std::size_t{3} << ((flags & 7) + 1)) : "";
  return "," + little(2, 3) + little(2, 4) + little(2, width) + little(2, height) + raw({flags}) + table +
         raw({code_size}) + raw({2, 0x4C, 0x01, 1, ';', 0});
}
const std::string kComment = "!\xFE\x05Hello\0"s;
/// What begins a frame of an animation.
const std::string kControl = "!\xF9\x04\0\0\0\0\0"s;

Judged gif(std::uint32_t frames) { return {.type = "gif", .width = 40, .height = 30, .frames = frames}; }

TEST(GifFormat, IsWholeAtItsTrailer) {
  expect_whole(gif(1), screen() + image() + ";");
  expect_whole(gif(1), screen(0) + kComment + image(0x81) + kComment + ";");
  expect_whole(gif(1), screen(0x87) + kControl + image(0x87) + ";");
}

TEST(GifFormat, NeedsNoTrailerBehindAWholeFrameWhereAllCame) {
  expect_whole_if_all_came(gif(1), screen() + image());
  expect_whole_if_all_came(gif(2), screen() + image() + image() + kComment);
  expect_whole_if_all_came(gif(1), screen() + kControl + image() + "\0x"s);
  for (const std::string& cut : {screen(), screen() + kComment, screen() + image() + kControl,
                                 screen() + image() + kControl + kComment, screen() + ","}) {
    expect_no_doubt(cut);
  }
  for (const std::string& cut : {screen() + image().substr(0, image().size() - 1), screen() + image() + ",",
                                 screen() + image() + kComment.substr(0, 4)}) {
    expect_doubtful_if_all_came(cut);
  }
}

TEST(GifFormat, CountsItsFrames) { expect_whole(gif(3), screen() + image() + kComment + image() + image() + ";"); }

TEST(GifFormat, PassesByWhatBeginsNothingBehindAFrame) {
  expect_whole(gif(1), screen() + image() + "\0;"s);
  expect_whole(gif(2), screen() + image() + "\0\0x"s + image() + "\0"s + kComment + ";");
}

TEST(GifFormat, TakesItsSizeFromTheFirstImageWhereTheScreenHasNone) {
  expect({.type = "gif", .width = 8, .height = 10, .frames = 1}, screen(0x80, 0, 0) + image() + ";");
}

TEST(GifFormat, IsDamagedWithoutAPixel) {
  expect(gif(2), screen() + image(0, 2, 0, 0) + image() + ";");
  expect(Cause::damaged_image, screen() + image(0, 2, 0, 0) + ";");
  expect(Cause::damaged_image, screen() + image(0, 2, 5, 0) + ";");
  expect(Cause::damaged_image, screen(0x80, 0, 0) + image(0, 2, 0, 0) + ";");
  expect(Cause::damaged_image, screen(0x80, 40, 0) + image(0, 2, 6, 0) + ";");
}

TEST(GifFormat, IsDamagedWhereItContradictsItself) {
  for (const std::string& wrong : {";"s, kComment + ";", "\0"s, image(0, 0) + ";", image(0, 12) + ";"}) {
    expect(Cause::damaged_image, screen() + wrong);
  }
}

}  // namespace
}  // namespace doutu

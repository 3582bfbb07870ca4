#include <gtest/gtest.h>

#include <vector>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

using namespace std::string_literals;

std::string file_header(std::uint32_t info_size, std::uint32_t gap = 0) {
  return "BM" + little(4, 12345) + zeros(4) + little(4, 14 + info_size + gap);
}

struct Info {
  std::uint32_t size = 40;
  std::uint32_t width = 5, height = 3;
  std::uint32_t depth = 24, compression = 0, bytes = 0, colors = 0;
};
std::string header(const Info& info, std::uint32_t gap = 0) {
  std::string bytes = little(4, info.size) + little(4, info.width) + little(4, info.height) + little(2, 1) +
                      little(2, info.depth) + little(4, info.compression) + little(4, info.bytes) + zeros(8) +
                      little(4, info.colors) + zeros(4);
  bytes.resize(info.size);
  return file_header(info.size, gap) + bytes + std::string(gap, 'p');
}

const Judged kBmp{.type = "bmp", .width = 5, .height = 3, .frames = 1};

TEST(BmpFormat, IsWholeAfterItsLastRow) {
  expect_whole(kBmp, header({}) + zeros(48));  // Rows of 15 bytes take 16.
  expect_whole(kBmp, header({.size = 124, .depth = 32, .compression = 3}) + zeros(60));
  expect_whole(kBmp, header({.depth = 8, .colors = 2}, 8) + zeros(24));
  expect_whole(kBmp, header({.height = 0U - 3, .depth = 1}) + zeros(12));
  for (const std::uint32_t size : {16U, 20U, 24U, 32U, 36U, 44U, 60U, 64U}) {
    expect_whole(kBmp, header({.size = size, .depth = 4}) + zeros(12));
  }
  expect_whole(
      kBmp, file_header(12) + little(4, 12) + little(2, 5) + little(2, 3) + little(2, 1) + little(2, 24) + zeros(48));
}

TEST(BmpFormat, FollowsRunLengthsToTheirEndMark) {
  const std::string row = "\5x"s + "\0\0"s;
  expect_whole(kBmp, header({.depth = 8, .compression = 1}) + row + "\0\2\1\1"s + "\0\3abc\0"s + "\0\1"s);
  expect_whole(kBmp, header({.depth = 4, .compression = 2}) + row + "\0\5abc\0"s + "\0\3ab"s + "\0\1"s);
}

TEST(BmpFormat, FindsItsPixelsBehindThePaletteWhereNobodySaysWhereTheyAre) {
  const auto unsaid = [](const Info& info, std::size_t bytes) {
    return header(info).replace(10, 4, zeros(4)) + zeros(bytes);
  };
  expect_whole(kBmp, unsaid({}, 48));
  expect_whole(kBmp, unsaid({.depth = 24, .colors = 9}, 48));
  expect_whole(kBmp, unsaid({.depth = 8}, 1024 + 24));
  expect_whole(kBmp, unsaid({.depth = 8, .colors = 2}, 8 + 24));
  expect_whole(kBmp, unsaid({.depth = 1, .colors = 9}, 8 + 12));
  expect_whole(kBmp, unsaid({.depth = 32, .compression = 3}, 12 + 60));
  expect_whole(kBmp, unsaid({.depth = 32, .compression = 6}, 16 + 60));
  expect_whole(kBmp, unsaid({.size = 108, .depth = 32, .compression = 3}, 60));
  expect_whole(kBmp, unsaid({.depth = 8, .compression = 1, .colors = 2}, 8) + "\5x\0\1"s);
  expect_whole(kBmp, file_header(12).replace(10, 4, zeros(4)) + little(4, 12) + little(2, 5) + little(2, 3) +
                         little(2, 1) + little(2, 4) + zeros(48 + 12));
}

TEST(BmpFormat, OverlooksAPaletteThatIsTooLargeOrHasNoRoom) {
  expect_whole(kBmp, header({.depth = 8, .colors = 9999}) + zeros(24));
  expect_whole(kBmp, header({.depth = 8, .colors = 256}, 4) + zeros(24));
}

TEST(BmpFormat, OverlooksAFewBytesThatWritersMiscountWhereAllCame) {
  const std::string whole = header({}) + zeros(48);
  for (std::size_t lost = 1; lost <= 3; ++lost) {
    expect_whole_if_all_came(kBmp, whole.substr(0, whole.size() - lost));
  }
  expect(Cause::incomplete_image, whole.substr(0, whole.size() - 4));
  expect(Cause::incomplete_image, header({.height = 1}) + zeros(15));  // Of its only row.
  expect(Cause::incomplete_image, header({.depth = 0, .compression = 5, .bytes = 9}) + zeros(8));
}

TEST(BmpFormat, NeedsNoEndMarkBehindTheLastRunWhereAllCame) {
  const std::string start = header({.depth = 8, .compression = 1});
  const std::string row = "\5x\0\0"s;
  expect_whole_if_all_came(kBmp, start + row + row + row);
  expect_whole_if_all_came(kBmp, start + row + row + row + "\0"s);
  expect_whole_if_all_came(kBmp, start + row + row + "\2x\0\3abc\0\0\0"s);
  expect_whole_if_all_came(kBmp, start + row + "\0\2\0\1"s + row);
  for (const std::string& cut : {row + row, row + row + "\4x"s, row + row + "\5x\0"s, row + "\0\2\0"s}) {
    expect(Cause::incomplete_image, start + cut);
  }
}

TEST(BmpFormat, HoldsOtherImages) { expect_whole(kBmp, header({.depth = 0, .compression = 5, .bytes = 9}) + zeros(9)); }

TEST(BmpFormat, IsDamagedWhereItsHeaderMakesNoSense) {
  for (const Info& wrong : std::vector<Info>{{.width = 0},
                                             {.height = 0},
                                             {.width = 0U - 5},
                                             {.width = 0x7FFFFFFF},
                                             {.height = 0x80000000},
                                             {.depth = 7},
                                             {.compression = 7},
                                             {.depth = 24, .compression = 1},
                                             {.depth = 8, .compression = 2},
                                             {.compression = 4},
                                             {.depth = 8, .colors = 0xFF000006}}) {
    expect(Cause::damaged_image, header(wrong) + zeros(100));
  }
  expect(Cause::damaged_image, file_header(39) + header({}).substr(14) + zeros(100));  // Pixels within the header.
}

}  // namespace
}  // namespace doutu

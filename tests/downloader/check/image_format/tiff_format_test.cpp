#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

using namespace std::string_literals;
using Number = std::function<std::string(std::size_t, std::uint64_t)>;

/// How numbers stand in a file: their order, and the bytes of an offset.
struct Layout {
  Number number;
  std::size_t word = 4;
  std::string mark;

  [[nodiscard]] std::string header(std::uint64_t directory) const {
    if (word == 4) return mark + number(2, 42) + number(4, directory);
    return mark + number(2, 43) + number(2, 8) + number(2, 0) + number(8, directory);
  }
  [[nodiscard]] std::size_t header_bytes() const { return word == 4 ? 8 : 16; }
  /// type: 3 SHORT, 4 LONG.
  [[nodiscard]] std::string entry(int tag, int type, std::uint64_t count, const std::string& value) const {
    return number(2, static_cast<std::uint64_t>(tag)) + number(2, static_cast<std::uint64_t>(type)) +
           number(word, count) + value + zeros(word - value.size());
  }
  [[nodiscard]] std::string sizes() const { return entry(256, 3, 1, number(2, 40)) + entry(257, 4, 1, number(4, 30)); }
  [[nodiscard]] std::string directory(std::size_t entries, const std::string& content, std::uint64_t next = 0) const {
    return number(word == 4 ? 2 : 8, entries) + content + number(word, next);
  }
  [[nodiscard]] std::size_t directory_bytes(std::size_t entries) const {
    return (word == 4 ? 2 + 12 * entries : 8 + 20 * entries) + word;
  }
};

const Layout kLittle{little, 4, "II"};
const std::vector<Layout> kLayouts = {kLittle, {big, 4, "MM"}, {little, 8, "II"}, {big, 8, "MM"}};

Judged tiff(std::uint32_t pages = 1) { return {.type = "tiff", .width = 40, .height = 30, .frames = pages}; }

/// A page with one strip of ten bytes at `strip`.
std::string page(const Layout& layout, std::uint64_t strip, std::uint64_t next = 0) {
  return layout.directory(
      4,
      layout.sizes() + layout.entry(273, 4, 1, layout.number(4, strip)) + layout.entry(279, 3, 1, layout.number(2, 10)),
      next);
}

TEST(TiffFormat, IsWholeWithItsDirectoryBehindTheStrip) {
  for (const Layout& layout : kLayouts) {
    const std::size_t strip = layout.header_bytes();
    expect_whole(tiff(), layout.header(strip + 10) + zeros(10) + page(layout, strip));
  }
}

TEST(TiffFormat, IsWholeWithItsStripBehindTheDirectory) {
  for (const Layout& layout : kLayouts) {
    const std::size_t directory = layout.header_bytes();
    expect_whole(tiff(), layout.header(directory) + page(layout, directory + layout.directory_bytes(4)) + zeros(10));
  }
}

TEST(TiffFormat, NeedsNotTheOffsetOfADirectoryThatThereIsNotWhereAllCame) {
  for (const Layout& layout : kLayouts) {
    const std::size_t strip = layout.header_bytes();
    const std::string whole = layout.header(strip + 10) + zeros(10) + page(layout, strip);
    const std::size_t end = whole.size() - layout.word;
    for (std::size_t size = end; size < whole.size(); ++size) expect_whole_if_all_came(tiff(), whole.substr(0, size));
    expect(Cause::incomplete_image, whole.substr(0, end - 1));
    expect(Cause::incomplete_image, whole.substr(0, end) + "\0\1"s);  // There is one.
    // Its strip was to come behind the directory; it has none.
    const std::string first = layout.header(strip) + page(layout, strip + layout.directory_bytes(4));
    expect(Cause::incomplete_image, first.substr(0, first.size() - 1));
    const std::string empty = layout.header(strip) + layout.directory(2, layout.sizes());
    EXPECT_EQ(judge(empty.substr(0, empty.size() - 1), 7, BodyEnd::announced).cause, Cause::damaged_image);
  }
}

TEST(TiffFormat, FindsItsLastStripInArraysBehindTheDirectory) {
  for (const Layout& layout : kLayouts) {
    const std::uint64_t arrays = layout.header_bytes() + layout.directory_bytes(4);
    const std::uint64_t strips = arrays + std::uint64_t{5} * 4 + std::uint64_t{5} * 2;
    std::string offsets;
    std::string lengths;
    for (const std::uint64_t at : {0U, 10U, 40U, 20U, 30U}) offsets += layout.number(4, strips + at);
    for (const std::uint64_t length : {10U, 10U, 7U, 10U, 10U}) lengths += layout.number(2, length);
    const std::string body =
        layout.header(layout.header_bytes()) +
        layout.directory(4, layout.sizes() + layout.entry(324, 4, 5, layout.number(layout.word, arrays)) +
                                layout.entry(325, 3, 5, layout.number(layout.word, arrays + 20))) +
        offsets + lengths + zeros(47);
    expect_whole(tiff(), body);
  }
}

TEST(TiffFormat, FindsItsLastStripInTheEntriesThemselves) {
  const Layout layout{little, 8, "II"};
  const std::uint64_t strips = 16 + layout.directory_bytes(4);
  expect_whole(tiff(), layout.header(16) +
                           layout.directory(4, layout.sizes() +
                                                   layout.entry(273, 4, 2, little(4, strips + 9) + little(4, strips)) +
                                                   layout.entry(279, 3, 2, little(2, 11) + little(2, 9))) +
                           zeros(20));
}

TEST(TiffFormat, ReadsAllPages) {
  for (const Layout& layout : kLayouts) {
    const std::size_t first = layout.header_bytes();
    const std::size_t second = first + layout.directory_bytes(4) + 10;
    expect_whole(tiff(2), layout.header(first) + page(layout, second - 10, second) + zeros(10) +
                              page(layout, second + layout.directory_bytes(4)) + zeros(10));
  }
}

TEST(TiffFormat, NeedsWhateverAnEntryPointsTo) {
  const std::uint64_t text = 8 + kLittle.directory_bytes(5);
  const std::string entries = kLittle.sizes() + kLittle.entry(270, 2, 9, little(4, text)) +
                              kLittle.entry(273, 4, 1, little(4, 8)) + kLittle.entry(279, 4, 1, little(4, 1));
  expect_whole(tiff(), kLittle.header(8) + kLittle.directory(5, entries) + "nine byte");
}

TEST(TiffFormat, ComesToAnEndWhereDirectoriesPointBack) {
  expect(tiff(), kLittle.header(8) + page(kLittle, 8, 8) + zeros(4));
}

TEST(TiffFormat, IsIncompleteWhereAnOffsetIsBeyondEveryFile) {
  const Layout& big_tiff = kLayouts[2];
  expect(Cause::incomplete_image,
         big_tiff.header(16) + big_tiff.directory(3, big_tiff.sizes() + big_tiff.entry(273, 16, 1, little(8, ~0ULL))) +
             zeros(100));
  expect(Cause::incomplete_image,
         big_tiff.header(16) +
             big_tiff.directory(3, big_tiff.sizes() + big_tiff.entry(273, 16, 1ULL << 62U, little(8, 16))) +
             zeros(100));
}

TEST(TiffFormat, IsDamagedWithoutDirectorySizesOrStrips) {
  for (const std::string& wrong : {
           kLittle.header(0),
           kLittle.header(7),
           kLittle.header(8) + little(2, 0),
           kLittle.header(8) + kLittle.directory(2, kLittle.sizes()),
           kLittle.header(8) + kLittle.directory(1, kLittle.entry(273, 4, 1, little(4, 8))),
           "II" + little(2, 43) + little(2, 4) + little(2, 0),
       }) {
    expect(Cause::damaged_image, wrong + zeros(40));
  }
}

}  // namespace
}  // namespace doutu

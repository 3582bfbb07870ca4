#include <gtest/gtest.h>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

using namespace std::string_literals;

std::string chunk(const std::string& name, const std::string& data) {
  return name + little(4, data.size()) + data + zeros(data.size() % 2);
}
std::string riff(const std::string& chunks) { return "RIFF" + little(4, chunks.size() + 4) + "WEBP" + chunks; }

/// first_partition: bytes of it; key_frame: 0, as the bit in the file.
std::string lossy(std::uint32_t width = 40, std::uint32_t height = 30, std::uint32_t first_partition = 3,
                  std::uint32_t key_frame = 0) {
  return chunk("VP8 ", little(3, key_frame | 1U << 4U | first_partition << 5U) + "\x9d\x01\x2a" + little(2, width) +
                           little(2, height) + "abcde");
}
std::string lossless(std::uint32_t width = 40, std::uint32_t height = 30, std::uint32_t version = 0) {
  return chunk("VP8L", "/" + little(4, (width - 1) | (height - 1) << 14U | version << 29U) + "abc");
}
std::string extended(int flags, std::uint32_t width = 40, std::uint32_t height = 30) {
  return chunk("VP8X", raw({flags, 0, 0, 0}) + little(3, width - 1) + little(3, height - 1));
}
constexpr int kAnimation = 2;
std::string frame(const std::string& chunks, std::uint32_t x = 0, std::uint32_t width = 10, std::uint32_t height = 10) {
  return chunk("ANMF", little(3, x / 2) + little(3, 0) + little(3, width - 1) + little(3, height - 1) + little(3, 100) +
                           raw({0}) + chunks);
}
const std::string kLoop = chunk("ANIM", zeros(6));

Judged webp(std::uint32_t frames = 1) { return {.type = "webp", .width = 40, .height = 30, .frames = frames}; }

TEST(WebpFormat, IsWholeAtItsAnnouncedSize) {
  expect_whole(webp(), riff(lossy()));
  expect_whole(webp(), riff(lossless()));
  expect_whole(webp(), riff(extended(0x10) + chunk("ICCP", "x") + chunk("ALPH", "abc") + lossy() + chunk("XMP ", "x")));
  expect_whole(webp(), riff(extended(0x10) + lossless()));
}

TEST(WebpFormat, KnowsTheLargestSizes) {
  expect({.type = "webp", .width = 16383, .height = 16383, .frames = 1}, riff(lossy(16383, 16383)));
  expect({.type = "webp", .width = 16384, .height = 16384, .frames = 1}, riff(lossless(16384, 16384)));
}

TEST(WebpFormat, NeedsNoPaddingAtTheVeryEnd) {
  std::string body = riff(lossy() + "META" + little(4, 3) + "abc");
  expect_whole(webp(), body);
}

TEST(WebpFormat, OverlooksWhatIsNoChunkBehindAStillImage) {
  expect_whole(webp(), riff(lossy() + "EXI"));
  expect_whole(webp(), riff(lossless() + zeros(10)));
  expect_whole(webp(), riff(extended(0) + lossy() + zeros(2)));
}

/// A file whose container announces so many bytes more than there are.
std::string riff_beyond(std::size_t more, const std::string& chunks) {
  return riff(chunks).replace(4, 4, little(4, chunks.size() + 4 + more));
}

TEST(WebpFormat, OverlooksAContainerThatAnnouncesAFewBytesTooManyWhereAllCame) {
  const std::string movie = extended(kAnimation) + kLoop + frame(lossy(10, 10)) + frame(lossy(10, 10));
  for (const std::size_t more : {1U, 2U, 4U, 7U, 8U, 12U, 23U}) {
    expect_whole_if_all_came(webp(), riff_beyond(more, lossy()));
    expect_whole_if_all_came(webp(), riff_beyond(more, extended(0) + lossless()));
    expect_whole_if_all_came(webp(2), riff_beyond(more, movie));
  }
  const std::string odd = riff(lossless() + chunk("EXIF", "abc"));
  expect_whole_if_all_came(webp(), odd.substr(0, odd.size() - 1));  // Its padding.
  for (const std::string& cut : {
           riff_beyond(24, lossy()),
           riff_beyond(24, movie),
           riff_beyond(8, extended(0)),
           riff(lossy() + chunk("EXIF", "abcdefgh")).substr(0, riff(lossy()).size() + 10),  // Cut, not miscounted.
           riff(lossy()).substr(0, riff(lossy()).size() - 2),
           riff(movie).substr(0, riff(movie).size() - 2),
           riff(extended(kAnimation) + frame(lossy(10, 10)) + frame(lossy(10, 10))).substr(0, 90),
       }) {
    expect(Cause::incomplete_image, cut);
  }
  expect(Cause::incomplete_image, riff_beyond(8, lossy()).substr(0, 30));
}

TEST(WebpFormat, CountsTheFramesOfAnAnimation) {
  expect_whole(webp(3), riff(extended(kAnimation) + kLoop + frame(lossy(10, 10)) + frame(lossless(10, 10), 30) +
                             frame(chunk("ALPH", "abc") + lossy(10, 10) + chunk("what", "x")) + chunk("EXIF", "x")));
}

TEST(WebpFormat, IsDamagedWhereItContradictsItself) {
  for (const std::string& wrong : {
           riff(extended(0)),
           riff(extended(0) + chunk("EXIF", "x")),  // No image.
           riff(lossy() + lossy()),
           riff(lossy() + extended(0)),
           riff(lossy(0)),
           riff(lossy(40, 0)),         // No size.
           riff(lossy(40, 30, 6)),     // First partition beyond the chunk.
           riff(lossy(40, 30, 3, 1)),  // Not a key frame.
           riff(chunk("VP8 ", "abc")),
           riff(chunk("VP8 ", zeros(20))),
           riff(chunk("VP8L", zeros(20))),
           riff(lossless(40, 30, 1)),
           riff(extended(0) + lossy(41)),  // Not the canvas.
           riff(extended(0) + frame(lossy(10, 10))),
           riff(extended(kAnimation) + lossy()),
           riff(extended(kAnimation) + kLoop),
           riff(extended(kAnimation) + frame(lossy(10, 11))),      // Not the frame's size.
           riff(extended(kAnimation) + frame(lossy(10, 10), 32)),  // Beside the canvas.
           riff(extended(kAnimation) + frame("")),
           riff(extended(kAnimation) + frame(lossy(10, 10) + lossy(10, 10))),
           riff(extended(kAnimation) + frame(lossy(10, 10).substr(0, 16))),  // A chunk beyond its frame.
           riff(lossy() + "EXIF" + little(4, 5) + "abcd"),                   // A chunk beyond the file.
           riff(extended(kAnimation) + kLoop + frame(lossy(10, 10)) + "EXI"),
           "RIFF" + little(4, 4) + "WEBPVP8 " + zeros(20),
       }) {
    expect(Cause::damaged_image, wrong);
  }
}

}  // namespace
}  // namespace doutu

#include "downloader/decoder/png.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/decoder/cuts.h"

namespace doutu {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\x89PNG\r\n\x1a\n";

std::string chunk(const std::string& type, const std::string& content) {
  const std::string sound = type + content;
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(sound.data()), sound.size());
  return big(4, content.size()) + sound + big(4, sum);
}

struct Picture {
  std::string name;
  unsigned width = 0;
  unsigned height = 0;
  unsigned depth = 8;
  unsigned color = 2;
  bool is_interlaced = false;
  std::size_t piece = 1'000'000;  ///< Of compressed data, in a chunk.
};

void PrintTo(const Picture& picture, std::ostream* out) { *out << picture.name; }

unsigned bits_of_pixel(const Picture& picture) {
  constexpr std::array<unsigned, 7> kChannels = {1, 0, 3, 1, 2, 0, 4};
  return kChannels.at(picture.color) * picture.depth;
}

/// First column and row of each pass and their distances (PNG section 8.2).
struct Pass {
  unsigned column, row, columns_apart, rows_apart;
};
constexpr std::array<Pass, 7> kPasses = {
    {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};

/// Rows with their filters, of every kind in turn. No two are the same: of rows that are, libpng leaves out some when
/// the data ends just there, as browsers do.
void append_rows(std::string& rows, unsigned columns, unsigned count, unsigned bits) {
  if (columns == 0) return;
  for (unsigned y = 0; y < count; ++y) {
    rows += static_cast<char>(y % 5);
    for (unsigned i = 0; i < (columns * bits + 7) / 8; ++i)
      rows += static_cast<char>(i * 7 + y * 13 + (i * y) % 5 + rows.size());
  }
}

unsigned steps(unsigned size, unsigned first, unsigned apart) {
  return size <= first ? 0 : (size - first - 1) / apart + 1;
}

std::string rows_of(const Picture& picture) {
  std::string rows;
  if (!picture.is_interlaced) append_rows(rows, picture.width, picture.height, bits_of_pixel(picture));
  for (const Pass& pass : kPasses) {
    if (!picture.is_interlaced) break;
    append_rows(rows, steps(picture.width, pass.column, pass.columns_apart),
                steps(picture.height, pass.row, pass.rows_apart), bits_of_pixel(picture));
  }
  return rows;
}

std::string compress(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string compressed(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(compressed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
             bytes.size());
  compressed.resize(size);
  return compressed;
}

/// So many bytes of the compressed data give all of it.
std::size_t needed(const std::string& compressed, std::size_t size) {
  std::string out(size + 1, '\0');
  z_stream stream{};
  inflateInit(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  while (stream.total_out < size && stream.total_in < compressed.size()) {
    stream.avail_in = 1;
    inflate(&stream, Z_NO_FLUSH);
  }
  inflateEnd(&stream);
  return stream.total_in;
}

std::string header_of(const Picture& picture) {
  return kSignature +
         chunk("IHDR", big(4, picture.width) + big(4, picture.height) + big(1, picture.depth) + big(1, picture.color) +
                           "\0\0"s + (picture.is_interlaced ? "\1" : "\0"s)) +
         (picture.color == 3 ? chunk("PLTE", "abcdefghi") : "");
}

/// An image, and how much of it makes it whole.
struct Made {
  std::string bytes;
  std::size_t needed = 0;
};

Made make(const Picture& picture) {
  const std::string rows = rows_of(picture);
  const std::string data = compress(rows);
  const std::size_t last = needed(data, rows.size()) - 1;  // The last byte that matters.
  Made made{.bytes = header_of(picture)};
  for (std::size_t at = 0; at < data.size(); at += picture.piece) {
    if (at <= last) made.needed = made.bytes.size() + 8 + last - at + 1;
    made.bytes += chunk("IDAT", data.substr(at, picture.piece));
  }
  made.bytes += chunk("IEND", "");
  return made;
}

const std::vector<Picture> kPictures = {
    {.name = "colors", .width = 19, .height = 13},
    {.name = "one_pixel", .width = 1, .height = 1},
    {.name = "alpha", .width = 9, .height = 7, .color = 6},
    {.name = "deep_alpha", .width = 9, .height = 7, .depth = 16, .color = 6},
    {.name = "gray_and_alpha", .width = 30, .height = 10, .color = 4},
    {.name = "bits", .width = 61, .height = 40, .depth = 1, .color = 0},
    {.name = "two_bits", .width = 61, .height = 40, .depth = 2, .color = 0},
    {.name = "palette", .width = 33, .height = 20, .depth = 4, .color = 3},
    {.name = "one_row", .width = 300, .height = 1, .depth = 8, .color = 0},
    {.name = "one_column", .width = 1, .height = 90, .depth = 8, .color = 0},
    {.name = "many_chunks", .width = 40, .height = 30, .piece = 7},
    {.name = "chunks_of_a_byte", .width = 8, .height = 8, .piece = 1},
    {.name = "larger_than_a_window", .width = 200, .height = 60, .color = 6, .piece = 2000},
    {.name = "interlaced", .width = 19, .height = 13, .is_interlaced = true},
    {.name = "interlaced_palette", .width = 33, .height = 20, .depth = 2, .color = 3, .is_interlaced = true},
    {.name = "interlaced_in_chunks", .width = 12, .height = 30, .is_interlaced = true, .piece = 20},
};

std::string name_of(const testing::TestParamInfo<Picture>& info) { return info.param.name; }

class Png : public testing::TestWithParam<Picture> {};

TEST_P(Png, IsWholeFromItsLastRowOn) {
  const Made made = make(GetParam());
  expect_whole_from("png", made.bytes, made.needed);
}

INSTANTIATE_TEST_SUITE_P(Made, Png, testing::ValuesIn(kPictures), name_of);

/// Passes without a row or column are left out.
TEST(PngInterlaced, IsWholeFromItsLastRowOnWhateverItsSize) {
  for (unsigned width = 1; width <= 9; ++width) {
    for (unsigned height = 1; height <= 9; ++height) {
      const Made made = make({.name = "", .width = width, .height = height, .is_interlaced = true});
      SCOPED_TRACE(testing::Message() << width << " x " << height);
      expect_whole_from("png", made.bytes, made.needed);
    }
  }
}

// --- Damage.

const Picture kPlain{.name = "", .width = 19, .height = 13};

TEST(PngData, WithAWrongChecksumIsNotWhole) {
  std::string image = make(kPlain).bytes;
  for (const char* type : {"IHDR", "IDAT"}) {
    std::string damaged = image;
    const auto place = damaged.find(type);
    const auto length =
        static_cast<unsigned char>(damaged[place - 1]) + 256U * static_cast<unsigned char>(damaged[place - 2]);
    damaged[place + 4 + length] ^= 1;
    EXPECT_EQ(decode("png", damaged), DecodeResult::not_whole) << type;
  }
}

TEST(PngData, ThatIsNotWhatItShouldBeIsNotWhole) {
  const Made made = make(kPlain);
  for (std::size_t at = made.bytes.find("IDAT") + 4; at < made.needed; ++at) {
    std::string damaged = made.bytes.substr(0, made.needed);
    damaged[at] ^= 0x20;
    (void)decode("png", damaged);  // It may be another image's.
  }
  EXPECT_EQ(decode("png", header_of(kPlain) + chunk("IDAT", std::string(2000, 'x'))), DecodeResult::not_whole);
}

TEST(PngData, WithAnUnknownFilterIsNotWhole) {
  std::string rows = rows_of(kPlain);
  rows[0] = 5;
  EXPECT_EQ(decode("png", header_of(kPlain) + chunk("IDAT", compress(rows))), DecodeResult::not_whole);
}

TEST(PngData, MayEndInAnythingInPlaceOfItsEndMark) {
  const std::string image = header_of(kPlain) + chunk("IDAT", compress(rows_of(kPlain)));
  for (const std::string& trailer : {"SEFT"s, std::string(500, '\0'), std::string(500, '\xff'), "\xff\xd8\xff\xe1"s}) {
    EXPECT_EQ(decode("png", image + trailer), DecodeResult::whole) << testing::PrintToString(trailer);
  }
}

TEST(PngData, InTwoPlacesIsNotWhole) {
  const std::string data = compress(rows_of(kPlain));
  const auto parts = [&](const std::string& between) {
    return header_of(kPlain) + chunk("IDAT", data.substr(0, 50)) + between + chunk("IDAT", data.substr(50));
  };
  EXPECT_EQ(decode("png", parts("")), DecodeResult::whole);
  EXPECT_EQ(decode("png", parts(chunk("tEXt", "a"))), DecodeResult::not_whole);
}

TEST(PngData, ThatIsNoPngIsNotWhole) {
  const std::string header = header_of(kPlain);
  for (const std::string& bytes : {""s, kSignature, header, header + chunk("IEND", ""), header + chunk("IDAT", ""),
                                   header + header_of(kPlain).substr(8), "GIF89a"s}) {
    EXPECT_EQ(decode("png", bytes), DecodeResult::not_whole);
  }
}

TEST(PngData, OfAPaletteThatIsMissingIsNotWhole) {
  const Picture picture{.name = "", .width = 5, .height = 5, .color = 3};
  std::string image = make(picture).bytes;
  EXPECT_EQ(decode("png", image), DecodeResult::whole);
  const auto palette = image.find("PLTE") - 4;
  EXPECT_EQ(decode("png", image.erase(palette, 21)), DecodeResult::not_whole);
}

// --- Animations.

/// Two frames behind the image, which is the first or not, in chunks of 20 bytes.
class Animation {
 public:
  enum class Image { is_first_frame, is_no_frame };

  explicit Animation(Image image, std::uint32_t announced) {
    image_.bytes = header_of(kCanvas) + chunk("acTL", big(4, announced) + zeros(4));
    if (image == Image::is_first_frame) image_.bytes += control(kCanvas, 0, 0);
    append_image();
    append_frame({.name = "", .width = 6, .height = 5, .piece = 20}, 3, 2);
    append_frame({.name = "", .width = 11, .height = 9, .piece = 20}, 1, 1);
    image_.bytes += chunk("IEND", "");
  }

  [[nodiscard]] const Made& made() const { return image_; }

 private:
  static constexpr unsigned kSide = 12;
  const Picture kCanvas{.name = "", .width = kSide, .height = kSide};

  std::string control(const Picture& frame, unsigned x, unsigned y) {
    return chunk("fcTL",
                 big(4, sequence_++) + big(4, frame.width) + big(4, frame.height) + big(4, x) + big(4, y) + zeros(6));
  }
  void append_image() { image_.bytes += chunk("IDAT", compress(rows_of(kCanvas))); }
  void append_frame(const Picture& frame, unsigned x, unsigned y) {
    image_.bytes += control(frame, x, y);
    const std::string rows = rows_of(frame);
    const std::string data = compress(rows);
    const std::size_t last = needed(data, rows.size()) - 1;
    for (std::size_t at = 0; at < data.size(); at += frame.piece) {
      if (at <= last) image_.needed = image_.bytes.size() + 12 + last - at + 1;
      image_.bytes += chunk("fdAT", big(4, sequence_++) + data.substr(at, frame.piece));
    }
  }

  Made image_;
  std::uint32_t sequence_ = 0;
};

TEST(PngAnimation, IsWholeFromTheLastRowOfItsLastFrameOn) {
  const Animation first(Animation::Image::is_first_frame, 3);
  expect_whole_from("png", first.made().bytes, first.made().needed);
  const Animation none(Animation::Image::is_no_frame, 2);
  expect_whole_from("png", none.made().bytes, none.made().needed);
}

TEST(PngAnimation, LacksFramesThatItAnnounces) {
  EXPECT_EQ(decode("png", Animation(Animation::Image::is_first_frame, 4).made().bytes), DecodeResult::not_whole);
  EXPECT_EQ(decode("png", Animation(Animation::Image::is_no_frame, 3).made().bytes), DecodeResult::not_whole);
}

TEST(PngAnimation, LacksAChunkBetweenOthers) {
  std::string image = Animation(Animation::Image::is_first_frame, 3).made().bytes;
  const auto first_data = image.find("fdAT") - 4;
  image.erase(first_data, 12 + 4 + 20);
  EXPECT_EQ(decode("png", image), DecodeResult::not_whole);
}

TEST(PngAnimation, HasFramesWithinTheImageOnly) {
  std::string image = Animation(Animation::Image::is_first_frame, 3).made().bytes;
  const auto frame = image.rfind("fcTL");
  const std::string content = image.substr(frame + 4, 16) + big(4, 4) + image.substr(frame + 24, 6);
  image.replace(frame - 4, 38, chunk("fcTL", content));
  EXPECT_EQ(decode("png", image), DecodeResult::not_whole);
}

// --- Bombs.

TEST(PngBomb, IsTooLargeOrNeverWhole) {
  const ProcessorTime time;
  const auto bomb = [](unsigned width, unsigned height) {
    const std::string data = chunk("IDAT", compress(std::string(std::size_t{1} << 24U, '\0')));
    return header_of({.name = "", .width = width, .height = height}) + data;
  };
  EXPECT_EQ(decode("png", bomb(1'000'000, 1'000'000)), DecodeResult::too_large);
  EXPECT_EQ(decode("png", bomb(30'000, 30'000)), DecodeResult::not_whole) << "deflate does not pack so well";
  EXPECT_EQ(decode("png", bomb(2'147'483'647, 2'147'483'647)), DecodeResult::not_whole) << "libpng reads none so wide";
  EXPECT_EQ(decode("png", bomb(2'300, 2'300)), DecodeResult::whole);
  EXPECT_LT(time.seconds(), 3);
}

}  // namespace
}  // namespace doutu

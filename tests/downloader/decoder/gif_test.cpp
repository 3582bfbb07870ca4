#include "downloader/decoder/gif.h"

#include <gif_lib.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/downloader/decoder/cuts.h"

/// giflib's writer keeps the first colour map of several frames for ever.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:GifMakeMapObject\n"; }

namespace doutu {
namespace {

using namespace std::string_literals;

struct Frame {
  int width = 0;
  int height = 0;
  bool is_interlaced = false;
  bool has_own_colors = false;
};

struct Animation {
  std::string name;
  std::vector<Frame> frames;
  int bits = 3;  ///< Of a pixel.
};

void PrintTo(const Animation& animation, std::ostream* out) { *out << animation.name; }

int append(GifFileType* gif, const GifByteType* bytes, int count) {
  static_cast<std::string*>(gif->UserData)
      ->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  return count;
}

void put(GifFileType* gif, const Frame& frame, const ColorMapObject* colors) {
  constexpr std::array<GifByteType, 4> kControl = {0, 10, 0, 0};
  EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, kControl.size(), kControl.data());
  EGifPutImageDesc(gif, 1, 2, frame.width, frame.height, frame.is_interlaced, frame.has_own_colors ? colors : nullptr);
  std::vector<GifPixelType> line(static_cast<std::size_t>(frame.width));
  for (unsigned y = 0; y < static_cast<unsigned>(frame.height); ++y) {
    for (unsigned x = 0; x < line.size(); ++x) {
      const unsigned pixel = (x / 3 + y / 2 + x * y % 7 / 5) % static_cast<unsigned>(colors->ColorCount);
      line[x] = static_cast<GifPixelType>(pixel);
    }
    EGifPutLine(gif, line.data(), frame.width);
  }
}

/// By giflib's encoder.
std::string encode(const Animation& animation) {
  std::string bytes;
  GifFileType* gif = EGifOpen(&bytes, append, nullptr);
  const std::unique_ptr<ColorMapObject, decltype(&GifFreeMapObject)> colors(
      GifMakeMapObject(1 << animation.bits, nullptr), &GifFreeMapObject);
  EGifSetGifVersion(gif, true);
  EGifPutScreenDesc(gif, 400, 300, animation.bits, 0, colors.get());
  for (const Frame& frame : animation.frames) put(gif, frame, colors.get());
  EGifCloseFile(gif, nullptr);
  return bytes;
}

// --- Where a frame's last pixel is: a decoder of its own, which counts pixels only.

unsigned byte(const std::string& bytes, std::size_t at) { return static_cast<unsigned char>(bytes.at(at)); }

/// The codes of one frame (GIF89a, appendix F), out of blocks.
class Codes {
 public:
  /// place: of the minimum code size.
  Codes(const std::string& bytes, std::size_t place)
      : bytes_(bytes), place_(place + 1), clear_(1U << byte(bytes, place)) {
    forget();
  }

  /// Place behind the byte with the last bit that so many pixels need.
  std::size_t end_of(std::size_t pixels) {
    std::size_t seen = 0;
    while (seen < pixels) seen += pixels_of(next_code());
    return place_;
  }
  /// Place behind the block of length 0.
  std::size_t end_of_blocks() {
    place_ += left_in_block_;
    while (byte(bytes_, place_) != 0) place_ += 1 + byte(bytes_, place_);
    return place_ + 1;
  }

 private:
  void forget() {
    lengths_.assign(clear_ + 2, 1);
    width_ = 0;
    while ((1U << width_) <= clear_) ++width_;
    before_ = 0;
  }
  unsigned next_code() {
    while (bits_ < width_) {
      if (left_in_block_ == 0) left_in_block_ = byte(bytes_, place_++);
      held_ |= byte(bytes_, place_++) << bits_;
      --left_in_block_;
      bits_ += 8;
    }
    const unsigned code = held_ & ((1U << width_) - 1);
    held_ >>= width_;
    bits_ -= width_;
    return code;
  }
  /// A code stands for the string before it and one more, as soon as the next one is known.
  std::size_t pixels_of(unsigned code) {
    if (code == clear_) return forget(), 0;
    if (before_ > 0 && lengths_.size() < 4096) lengths_.push_back(before_ + 1);
    before_ = lengths_.at(code);
    if (lengths_.size() == 1U << width_ && width_ < 12) ++width_;
    return before_;
  }

  const std::string& bytes_;
  std::size_t place_;
  std::size_t left_in_block_ = 0;
  const unsigned clear_;
  std::vector<std::size_t> lengths_;  ///< Of the strings that codes stand for.
  std::size_t before_ = 0;            ///< Length of the string before; 0: there was none.
  unsigned width_ = 0;
  unsigned held_ = 0;
  unsigned bits_ = 0;
};

struct Span {
  std::size_t begin = 0;   ///< Of the frame.
  std::size_t needed = 0;  ///< End of what its pixels need.
};

/// Of a GIF whose extensions all are of one block, of 4 bytes.
std::vector<Span> frames_of(const std::string& gif) {
  std::vector<Span> frames;
  std::size_t place = 13 + 3 * (2U << (byte(gif, 10) & 7U));
  while (gif.at(place) != ';') {
    if (gif[place] == '!') {
      place += 8;
      continue;
    }
    const std::size_t begin = place;
    const std::size_t pixels = std::size_t{byte(gif, place + 5) + 256 * byte(gif, place + 6)} *
                               (byte(gif, place + 7) + 256 * byte(gif, place + 8));
    const unsigned flags = byte(gif, place + 9);
    place += 10 + ((flags & 0x80U) != 0 ? 3 * (2U << (flags & 7U)) : 0);
    Codes codes(gif, place);
    frames.push_back({begin, codes.end_of(pixels)});
    place = codes.end_of_blocks();
  }
  return frames;
}

/// Whether the last frame that began is whole.
DecodeResult expected(const std::vector<Span>& frames, std::size_t size) {
  DecodeResult last = DecodeResult::not_whole;
  for (const Span& frame : frames) {
    if (frame.begin < size) last = frame.needed <= size ? DecodeResult::whole : DecodeResult::not_whole;
  }
  return last;
}

const std::vector<Animation> kAnimations = {
    {.name = "still", .frames = {{30, 20}}},
    {.name = "one_pixel", .frames = {{1, 1}}},
    {.name = "black_and_white", .frames = {{50, 20}}, .bits = 1},
    {.name = "full_colors", .frames = {{40, 30}}, .bits = 8},
    {.name = "full_table", .frames = {{150, 100}}, .bits = 6},
    {.name = "interlaced", .frames = {{30, 21, true}}},
    {.name = "own_colors", .frames = {{12, 9, false, true}}},
    {.name = "animated", .frames = {{20, 20}, {5, 5}, {30, 9, true, true}, {1, 1}}},
};

std::string name_of(const testing::TestParamInfo<Animation>& info) { return info.param.name; }

class Gif : public testing::TestWithParam<Animation> {};

TEST_P(Gif, IsWholeFromTheLastPixelOfTheFrameThatBeganLastOn) {
  const std::string image = encode(GetParam());
  const std::vector<Span> frames = frames_of(image);
  ASSERT_EQ(frames.size(), GetParam().frames.size());
  for (std::size_t size = 0; size <= image.size(); ++size) {
    const std::string beginning = image.substr(0, size);
    ASSERT_EQ(decode("gif", beginning), expected(frames, size)) << "the first " << size << " of " << image.size();
  }
}

INSTANTIATE_TEST_SUITE_P(Encoded, Gif, testing::ValuesIn(kAnimations), name_of);

std::string still() { return encode({.name = "", .frames = {{30, 20}}}); }

TEST(GifData, MayEndInAnythingInPlaceOfItsTrailer) {
  std::string image = still();
  image.pop_back();
  for (const std::string& trailer : {"SEFT"s, std::string(500, '\0'), "\xff\xd8\xff\xe1"s, "!\xfe\x20torn"s}) {
    EXPECT_EQ(decode("gif", image + trailer), DecodeResult::whole) << testing::PrintToString(trailer);
  }
}

TEST(GifData, WhoseEndCodeComesTooSoonIsNotWhole) {
  std::string image = still();
  const auto frame = frames_of(image).front().begin;
  image[frame + 7] = 21;  // One line more.
  EXPECT_EQ(decode("gif", image), DecodeResult::not_whole);
}

TEST(GifData, OfAFrameWithoutPixelsIsNotWhole) {
  std::string image = still();
  const auto frame = frames_of(image).front().begin;
  image[frame + 5] = image[frame + 6] = 0;
  EXPECT_EQ(decode("gif", image), DecodeResult::not_whole);
}

TEST(GifData, ThatIsNoGifIsNotWhole) {
  const std::string header = still().substr(0, 13 + 24);
  for (const std::string& bytes : {""s, "GIF89a"s, header, header + ';', header + "!\xfe\0;"s, "\x89PNG"s}) {
    EXPECT_EQ(decode("gif", bytes), DecodeResult::not_whole);
  }
}

TEST(GifBomb, IsTooLargeOrEndsWhereItsDataDoes) {
  const ProcessorTime time;
  std::string image = still();
  const auto size = frames_of(image).front().begin + 5;
  image.replace(size, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(decode("gif", image), DecodeResult::too_large);
  image.replace(size, 4, "\x00\x70\x00\x70"s);
  EXPECT_EQ(decode("gif", image), DecodeResult::not_whole);
  EXPECT_LT(time.seconds(), 3);
}

TEST(ImageType, ThatNobodyKnowsIsNotWhole) { EXPECT_EQ(decode("webp", still()), DecodeResult::not_whole); }

}  // namespace
}  // namespace doutu

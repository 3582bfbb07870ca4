#include "downloader/decoder/png_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace doutu {
namespace {

constexpr std::uint32_t name(const char (&text)[5]) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<std::uint8_t>(text[i]);
  return value;
}
constexpr std::uint32_t kHeader = name("IHDR");
constexpr std::uint32_t kPalette = name("PLTE");
constexpr std::uint32_t kData = name("IDAT");
constexpr std::uint32_t kAnimation = name("acTL");
constexpr std::uint32_t kFrame = name("fcTL");
constexpr std::uint32_t kFrameData = name("fdAT");

/// Bit 5 of the first letter (PNG section 5.4): who does not know the chunk can do without it.
constexpr bool is_ancillary(std::uint32_t type) { return (type & 0x20000000U) != 0; }

std::uint32_t be32(ImageBytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U | std::uint32_t{bytes[at + 2]} << 8U |
         bytes[at + 3];
}

struct Chunk {
  std::uint32_t type = 0;
  ImageBytes content;       ///< What is there of it.
  bool is_torn = false;     ///< Not all of it is.
  bool is_damaged = false;  ///< Its checksum is there and tells of other bytes.
};

/// Cuts the next chunk off the front; nullopt: not even its type is there.
std::optional<Chunk> take_chunk(ImageBytes& rest) {
  if (rest.size() < 8) return std::nullopt;
  const std::size_t length = be32(rest, 0);
  const ImageBytes type = rest.subspan(4, 4);
  Chunk chunk;
  chunk.type = be32(rest, 4);
  rest = rest.subspan(8);
  chunk.content = rest.first(std::min(length, rest.size()));
  chunk.is_torn = chunk.content.size() < length;
  rest = rest.subspan(chunk.content.size());
  if (rest.size() >= 4 && !chunk.is_torn) {
    const auto sum = crc32_z(crc32_z(0, type.data(), type.size()), chunk.content.data(), chunk.content.size());
    chunk.is_damaged = be32(rest, 0) != sum;
  }
  rest = rest.subspan(std::min<std::size_t>(rest.size(), 4));
  return chunk;
}

class PictureFinder {
 public:
  std::optional<PngPictures> find(ImageBytes image);

 private:
  enum class Next { go_on, stop, give_up };
  Next take(const Chunk& chunk);
  Next take_header(const Chunk& chunk);
  Next take_palette(const Chunk& chunk);
  Next take_data(const Chunk& chunk);
  Next take_animation(const Chunk& chunk);
  Next take_frame(const Chunk& chunk);
  Next take_frame_data(const Chunk& chunk);
  [[nodiscard]] bool is_next_in_sequence(ImageBytes content) { return be32(content, 0) == sequence_++; }
  [[nodiscard]] bool lies_within_image(ImageBytes frame) const;

  PngPictures found_;
  enum class Data { before, within, after } data_ = Data::before;
  std::optional<std::uint32_t> announced_;  ///< Frames; nullopt: it is no animation.
  std::uint32_t frames_ = 0;
  std::uint32_t sequence_ = 0;
};

std::optional<PngPictures> PictureFinder::find(ImageBytes image) {
  if (image.size() < kPngSignature.size() || !std::ranges::equal(image.first(kPngSignature.size()), kPngSignature)) {
    return std::nullopt;
  }
  image = image.subspan(kPngSignature.size());
  Next next = Next::go_on;
  while (next == Next::go_on) {
    const auto chunk = take_chunk(image);
    next = chunk ? take(*chunk) : Next::stop;
  }
  const bool has_all = frames_ == announced_.value_or(frames_) && data_ != Data::before;
  if (next == Next::give_up || !has_all) return std::nullopt;
  return std::move(found_);
}

PictureFinder::Next PictureFinder::take(const Chunk& chunk) {
  if ((chunk.type == kHeader) != found_.header.empty()) return Next::give_up;  // The first one, and only that.
  if (chunk.type != kData && data_ == Data::within) data_ = Data::after;
  switch (chunk.type) {
    case kHeader:
      return take_header(chunk);
    case kPalette:
      return take_palette(chunk);
    case kData:
      return take_data(chunk);
    case kAnimation:
      return take_animation(chunk);
    case kFrame:
      return take_frame(chunk);
    case kFrameData:
      return take_frame_data(chunk);
    default:  // IEND too. Behind the data it may be what a maker left there.
      return is_ancillary(chunk.type) ? Next::go_on : Next::stop;
  }
}

PictureFinder::Next PictureFinder::take_header(const Chunk& chunk) {
  if (chunk.is_damaged || chunk.content.size() != 13) return Next::give_up;
  found_.header = chunk.content;
  found_.all.push_back({be32(chunk.content, 0), be32(chunk.content, 4), {}});
  return Next::go_on;
}

PictureFinder::Next PictureFinder::take_palette(const Chunk& chunk) {
  if (data_ != Data::before) return Next::go_on;
  if (chunk.is_damaged || chunk.is_torn) return Next::give_up;
  found_.palette = chunk.content;
  return Next::go_on;
}

/// Chunks of the image that do not follow each other are no decoder's.
PictureFinder::Next PictureFinder::take_data(const Chunk& chunk) {
  if (chunk.is_damaged || data_ == Data::after) return Next::give_up;
  data_ = Data::within;
  found_.all.front().data.push_back(chunk.content);
  return Next::go_on;
}

PictureFinder::Next PictureFinder::take_animation(const Chunk& chunk) {
  if (data_ != Data::before) return Next::go_on;
  if (chunk.is_damaged || chunk.content.size() != 8 || announced_) return Next::give_up;
  announced_ = be32(chunk.content, 0);
  return Next::go_on;
}

/// Before the image's data stands that of the first frame, which is the image.
PictureFinder::Next PictureFinder::take_frame(const Chunk& chunk) {
  if (!announced_) return Next::go_on;
  const ImageBytes frame = chunk.content;
  if (chunk.is_damaged || frame.size() != 26 || !is_next_in_sequence(frame) || !lies_within_image(frame)) {
    return Next::give_up;
  }
  ++frames_;
  if (data_ == Data::before) return frames_ == 1 ? Next::go_on : Next::give_up;
  found_.all.push_back({be32(frame, 4), be32(frame, 8), {}});
  return Next::go_on;
}

PictureFinder::Next PictureFinder::take_frame_data(const Chunk& chunk) {
  if (!announced_) return Next::go_on;
  if (chunk.content.size() < 4) return chunk.is_torn ? Next::stop : Next::give_up;
  const bool is_of_frame = found_.all.size() > 1;
  if (chunk.is_damaged || !is_of_frame || !is_next_in_sequence(chunk.content)) return Next::give_up;
  found_.all.back().data.push_back(chunk.content.subspan(4));
  return Next::go_on;
}

/// Sequence number, width, height, x, y (PNG section 11.3.6).
bool PictureFinder::lies_within_image(ImageBytes frame) const {
  const PngPicture& image = found_.all.front();
  return std::uint64_t{be32(frame, 4)} + be32(frame, 12) <= image.width &&
         std::uint64_t{be32(frame, 8)} + be32(frame, 16) <= image.height;
}

}  // namespace

std::optional<PngPictures> find_png_pictures(ImageBytes image) { return PictureFinder().find(image); }

}  // namespace doutu

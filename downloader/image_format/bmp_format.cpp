#include "downloader/image_format/bmp_format.h"

#include <algorithm>
#include <array>

namespace doutu {
namespace {

constexpr std::uint32_t kFileHeader = 14;
constexpr std::uint32_t kSmallHeader = 12;   ///< BITMAPCOREHEADER.
constexpr std::uint32_t kMiddleHeader = 16;  ///< OS/2 2, cut short: without compression.
/// Beyond it no image fits into the largest body. Keeps the product of all factors within 64 bits, too.
constexpr std::uint32_t kMaxSide = 1U << 24U;

// Compression (BITMAPINFOHEADER).
enum Compression : std::uint32_t { rgb, rle8, rle4, bit_fields, embedded_jpeg, embedded_png, alpha_bit_fields };

constexpr bool is_depth(std::uint32_t bits) {
  constexpr std::array<std::uint32_t, 7> kDepths{1, 2, 4, 8, 16, 24, 32};
  return std::ranges::find(kDepths, bits) != kDepths.end();
}

}  // namespace

/// read: "BM", file size, reserved, offset of the pixels, size of the header that begins with this number.
BmpFormat::Step BmpFormat::on_file_header(Bytes read) {
  pixels_at_ = le32(read, 10);
  header_size_ = le32(read, 14);
  if (pixels_at_ < kFileHeader + header_size_) return kDamaged;
  if (header_size_ == kSmallHeader) return this->read(8, &BmpFormat::on_small_header);
  return this->read(12, &BmpFormat::on_size_fields);
}

/// read: width, height, planes, bits a pixel, of two bytes each.
BmpFormat::Step BmpFormat::on_small_header(Bytes read) {
  facts_.width = le16(read, 0);
  facts_.height = le16(read, 2);
  depth_ = le16(read, 6);
  return plain_pixels();
}

/// read: width, height (negative: from top to bottom), planes, bits a pixel.
BmpFormat::Step BmpFormat::on_size_fields(Bytes read) {
  const std::uint32_t height = le32(read, 4);
  facts_.width = le32(read, 0);
  facts_.height = height >> 31U == 0 ? height : 0U - height;
  depth_ = le16(read, 10);
  if (header_size_ == kMiddleHeader) return plain_pixels();
  return this->read(20, &BmpFormat::on_compression);
}

/// read: compression, bytes of pixels, resolution twice, colours in the palette.
BmpFormat::Step BmpFormat::on_compression(Bytes read) {
  const std::uint32_t bytes = le32(read, 4);
  if (depth_ <= 8 && le32(read, 16) > 256) return kDamaged;
  switch (le32(read, 0)) {
    case rgb:
    case bit_fields:
    case alpha_bit_fields:
      return plain_pixels();
    case rle8:
      return depth_ == 8 ? pixels(0, 2, &BmpFormat::on_run) : kDamaged;
    case rle4:
      return depth_ == 4 ? pixels(0, 2, &BmpFormat::on_run) : kDamaged;
    case embedded_jpeg:
    case embedded_png:
      return bytes == 0 ? kDamaged : pixels(bytes, 0, &BmpFormat::on_end);
    default:
      return kDamaged;
  }
}

/// Rows are padded to four bytes.
BmpFormat::Step BmpFormat::plain_pixels() {
  if (!is_depth(depth_)) return kDamaged;
  const std::uint64_t row = (std::uint64_t{facts_.width} * depth_ + 31) / 32 * 4;
  return pixels(row * facts_.height, 0, &BmpFormat::on_end);
}

BmpFormat::Step BmpFormat::pixels(std::uint64_t bytes, std::size_t read, State then) {
  const auto is_side = [](std::uint32_t side) { return side > 0 && side <= kMaxSide; };
  if (!is_side(facts_.width) || !is_side(facts_.height)) return kDamaged;
  facts_.frames = 1;
  return pass_and_read(pixels_at_ - position() + bytes, read, then);
}

/// read: how often, and what; or zero, and: 0 end of row, 1 end of image, 2 two bytes of offset follow, n so many
/// pixels.
BmpFormat::Step BmpFormat::on_run(Bytes read) {
  constexpr std::uint32_t kEndOfImage = 1;
  constexpr std::uint32_t kOffset = 2;
  const std::uint32_t value = u8(read, 1);
  if (u8(read, 0) != 0 || value == 0) return this->read(2, &BmpFormat::on_run);
  if (value == kEndOfImage) return kComplete;
  if (value == kOffset) return pass_and_read(2, 2, &BmpFormat::on_run);
  const std::uint32_t bytes = depth_ == 8 ? value : (value + 1) / 2;
  return pass_and_read(bytes + bytes % 2, 2, &BmpFormat::on_run);
}

BmpFormat::Step BmpFormat::on_end(Bytes /*read*/) { return kComplete; }

}  // namespace doutu

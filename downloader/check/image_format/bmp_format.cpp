#include "downloader/check/image_format/bmp_format.h"

#include <algorithm>
#include <array>

namespace doutu {
namespace {

constexpr std::uint32_t kFileHeader = 14;
constexpr std::uint32_t kSmallHeader = 12;  ///< BITMAPCOREHEADER.
constexpr std::uint32_t kWindows3 = 40;
/// Of fields up to the number of colours. OS/2 2 has headers without the last of them.
constexpr std::uint32_t kFields = 36;
/// Of a palette; more than its depth allows are overlooked, but not numbers that are none.
constexpr std::uint32_t kMaxColors = 1U << 16U;
constexpr std::uint32_t kSizeFields = 16;
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
  if (pixels_at_ != 0 && pixels_at_ < kFileHeader + header_size_) return kDamaged;
  if (header_size_ == kSmallHeader) return this->read(8, &BmpFormat::on_small_header);
  return this->read(12, &BmpFormat::on_size_fields);
}

/// read: width, height, planes, bits a pixel, of two bytes each.
BmpFormat::Step BmpFormat::on_small_header(Bytes read) {
  facts_.width = le16(read, 0);
  facts_.height = le16(read, 2);
  depth_ = le16(read, 6);
  if (pixels_at_ == 0) pixels_at_ = palette_end(rgb, 0);
  return plain_pixels();
}

/// read: width, height (negative: from top to bottom), planes, bits a pixel.
BmpFormat::Step BmpFormat::on_size_fields(Bytes read) {
  const std::uint32_t height = le32(read, 4);
  facts_.width = le32(read, 0);
  facts_.height = height >> 31U == 0 ? height : 0U - height;
  depth_ = le16(read, 10);
  return this->read(std::min(header_size_, kFields) - kSizeFields, &BmpFormat::on_compression);
}

/// read: compression, bytes of pixels, resolution twice, colours in the palette: as far as the header has them.
BmpFormat::Step BmpFormat::on_compression(Bytes read) {
  const auto field = [read](std::size_t at) { return at < read.size() ? le32(read, at) : 0; };
  const std::uint32_t compression = field(0);
  const std::uint32_t bytes = field(4);
  const std::uint32_t colors = field(16);
  if (colors > kMaxColors) return kDamaged;
  if (pixels_at_ == 0) pixels_at_ = palette_end(compression, colors);
  switch (compression) {
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

/// The colours have four bytes each, of OS/2 1 three. Before them stand the masks of Windows 3.
std::uint32_t BmpFormat::palette_end(std::uint32_t compression, std::uint32_t colors) const {
  const std::uint32_t masks = compression == bit_fields ? 12 : compression == alpha_bit_fields ? 16 : 0;
  const std::uint32_t most = depth_ <= 8 ? 1U << depth_ : 0;
  const std::uint32_t used = colors == 0 ? most : std::min(colors, most);
  return kFileHeader + header_size_ + (header_size_ == kWindows3 ? masks : 0) +
         used * (header_size_ == kSmallHeader ? 3 : 4);
}

/// Rows are padded to four bytes.
BmpFormat::Step BmpFormat::plain_pixels() {
  if (!is_depth(depth_)) return kDamaged;
  const std::uint64_t row = (std::uint64_t{facts_.width} * depth_ + 31) / 32 * 4;
  rows_end_ = pixels_at_ + row * facts_.height;
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
  constexpr std::uint32_t kEndOfRow = 0;
  constexpr std::uint32_t kEndOfImage = 1;
  constexpr std::uint32_t kOffset = 2;
  const std::uint32_t count = u8(read, 0);
  const std::uint32_t value = u8(read, 1);
  if (count == 0 && value == kEndOfImage) return kComplete;
  if (count == 0 && value == kOffset) return this->read(2, &BmpFormat::on_delta);
  if (count == 0 && value == kEndOfRow) {
    ++y_;
    return this->read(2, &BmpFormat::on_run);
  }
  if (count != 0) return this->read(2, &BmpFormat::on_run);
  const std::uint32_t bytes = depth_ == 8 ? value : (value + 1) / 2;
  return pass_and_read(bytes + bytes % 2, 2, &BmpFormat::on_run);
}

/// read: pixels to the right, rows on.
BmpFormat::Step BmpFormat::on_delta(Bytes read) {
  y_ += u8(read, 1);
  return this->read(2, &BmpFormat::on_run);
}

bool BmpFormat::has_every_row() const {
  if (rows_end_ != 0) return facts_.height > 1 && position() < rows_end_ && rows_end_ - position() < 4;
  return is_within(&BmpFormat::on_run) && y_ >= facts_.height;
}

Progress BmpFormat::at_end(BodyEnd end) {
  return end == BodyEnd::announced && has_every_row() ? Progress::complete : Progress::going;
}

BmpFormat::Step BmpFormat::on_end(Bytes /*read*/) { return kComplete; }

}  // namespace doutu

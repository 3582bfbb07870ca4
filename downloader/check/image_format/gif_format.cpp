#include "downloader/check/image_format/gif_format.h"

namespace doutu {
namespace {

constexpr std::uint32_t kExtension = 0x21;
constexpr std::uint32_t kGraphicControl = 0xF9;
constexpr std::uint32_t kImage = 0x2C;
constexpr std::uint32_t kTrailer = 0x3B;
/// Of the codes that pixels begin with; a code has at most twelve bits (appendix F).
constexpr std::uint32_t kMaxCodeSize = 11;

/// Bytes of the colour table that a block's flags announce.
std::uint64_t color_table(std::uint32_t flags) { return (flags & 0x80U) == 0 ? 0 : 3ULL << ((flags & 7U) + 1); }

}  // namespace

/// read: signature, width, height, flags, background, aspect ratio (section 18).
GifFormat::Step GifFormat::on_screen(Bytes read) {
  facts_.width = le16(read, 6);
  facts_.height = le16(read, 8);
  return pass_and_read(color_table(u8(read, 10)), 1, &GifFormat::on_block);
}

GifFormat::Step GifFormat::on_block(Bytes read) {
  switch (u8(read, 0)) {
    case kExtension:
      return this->read(1, &GifFormat::on_extension);
    case kImage:
      return this->read(9, &GifFormat::on_image);
    case kTrailer:
      return {.progress = ended()};
    default:  // Bytes that begin nothing stand behind the frames of some files; decoders look on for one that does.
      return facts_.frames > 0 ? this->read(1, &GifFormat::on_block) : kDamaged;
  }
}

GifFormat::Step GifFormat::on_extension(Bytes read) {
  announces_image_ = announces_image_ || u8(read, 0) == kGraphicControl;
  return this->read(1, &GifFormat::on_sub_block);
}

/// read: left, top, width, height, flags (section 20). Where the screen has no size, decoders take the first image's.
GifFormat::Step GifFormat::on_image(Bytes read) {
  announces_image_ = false;
  const bool has_pixels = le16(read, 4) > 0 && le16(read, 6) > 0;
  has_pixels_ = has_pixels_ || has_pixels;
  if (has_pixels && (facts_.width == 0 || facts_.height == 0)) {
    facts_.width = le16(read, 0) + le16(read, 4);
    facts_.height = le16(read, 2) + le16(read, 6);
  }
  return pass_and_read(color_table(u8(read, 8)), 1, &GifFormat::on_code_size);
}

/// Only now it counts as a frame: the trailer may not stand in its place.
GifFormat::Step GifFormat::on_code_size(Bytes read) {
  ++facts_.frames;
  const std::uint32_t size = u8(read, 0);
  return size == 0 || size > kMaxCodeSize ? kDamaged : this->read(1, &GifFormat::on_sub_block);
}

GifFormat::Step GifFormat::on_sub_block(Bytes read) {
  const std::uint32_t size = u8(read, 0);
  return size == 0 ? this->read(1, &GifFormat::on_block) : pass_and_read(size, 1, &GifFormat::on_sub_block);
}

/// Behind the last sub-block of a frame nothing of it is missing.
Progress GifFormat::at_end(BodyEnd end) {
  if (end != BodyEnd::announced || facts_.frames == 0 || announces_image_) return Progress::going;
  if (is_before(&GifFormat::on_block)) return ended();
  return has_pixels_ ? Progress::doubtful : Progress::going;
}

Progress GifFormat::ended() const { return facts_.frames > 0 && has_pixels_ ? Progress::complete : Progress::damaged; }

}  // namespace doutu

#include "downloader/check/image_format/png_format.h"

#include <libdeflate.h>

#include <algorithm>
#include <utility>

namespace doutu {
namespace {

constexpr std::uint32_t kMaxNumber = 0x7FFFFFFF;  ///< Of every four-byte integer (section 7.1).

constexpr std::uint32_t kHeader = four_cc("IHDR");
constexpr std::uint32_t kPalette = four_cc("PLTE");
constexpr std::uint32_t kData = four_cc("IDAT");
constexpr std::uint32_t kEnd = four_cc("IEND");
constexpr std::uint32_t kAnimation = four_cc("acTL");
constexpr std::uint32_t kFrame = four_cc("fcTL");
constexpr std::uint32_t kFrameData = four_cc("fdAT");

/// How much of a chunk's data is looked at.
std::size_t start_of_data(std::uint32_t type) {
  switch (type) {
    case kHeader:
      return 13;
    case kAnimation:
      return 8;
    case kFrame:
      return 26;
    case kFrameData:
      return 4;
    default:
      return 0;
  }
}

bool is_chunk_type(Bytes type) {
  return std::ranges::all_of(type, [](std::byte byte) {
    const auto letter = std::to_integer<unsigned char>(byte) | 0x20U;
    return letter >= 'a' && letter <= 'z';
  });
}

/// IDAT with the bit flipped that would make it ancillary.
constexpr std::uint32_t kDataInDisguise = four_cc("iDAT");

/// A decoder that does not know it may pass it by.
bool is_ancillary(std::uint32_t type) { return (type & 0x20000000U) != 0; }

/// Table 11.1: the bit depths of each colour type.
bool is_color(std::uint32_t color_type, std::uint32_t depth) {
  switch (color_type) {
    case 0:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
      return depth == 8 || depth == 16;
    default:
      return false;
  }
}

bool is_size(std::uint32_t size) { return size > 0 && size <= kMaxNumber; }

std::uint32_t add_to_checksum(std::uint32_t checksum, Bytes bytes) {
  return ::libdeflate_crc32(checksum, bytes.data(), bytes.size());
}

}  // namespace

PngFormat::Step PngFormat::on_signature(Bytes /*read*/) { return this->read(8, &PngFormat::on_chunk); }

PngFormat::Step PngFormat::on_chunk(Bytes read) {
  length_ = be32(read, 0);
  type_ = be32(read, 4);
  const std::size_t start = std::min<std::size_t>(start_of_data(type_), length_);
  const bool is_chunk = length_ <= kMaxNumber && is_chunk_type(read.subspan(4));
  if (!is_chunk && data_ != Data::before) return pass_and_read(kForever, 0, &PngFormat::on_chunk);
  if (!is_chunk || !is_in_order()) return kDamaged;
  checksum_ = add_to_checksum(0, read.subspan(4));
  return this->read(start, &PngFormat::on_start_of_data);
}

PngFormat::Step PngFormat::on_start_of_data(Bytes read) {
  if (type_ == kHeader && !header_is_legal(read)) return kDamaged;
  if (!fits_animation(read)) stop_animation();
  checksum_ = add_to_checksum(checksum_, read);
  return pass_and_read(length_ - read.size(), 4, &PngFormat::on_checksum);
}

std::size_t PngFormat::passed(Bytes bytes) {
  checksum_ = add_to_checksum(checksum_, bytes);
  return bytes.size();
}

PngFormat::Step PngFormat::on_checksum(Bytes read) {
  if (be32(read, 0) != checksum_ && !is_overlooked()) return kDamaged;
  if (type_ == kEnd) return data_ != Data::before ? kComplete : kDamaged;
  return this->read(8, &PngFormat::on_chunk);
}

bool PngFormat::is_overlooked() const {
  if (type_ == kEnd) return true;
  const bool is_of_animation =
      animation_ != Animation::none && (type_ == kAnimation || type_ == kFrame || data_ == Data::after);
  return is_ancillary(type_) && type_ != kDataInDisguise && !is_of_animation;
}

Progress PngFormat::at_end(BodyEnd end) {
  if (end != BodyEnd::announced || data_ == Data::before) return Progress::going;
  const bool has_all_data = data_ == Data::after && (animation_ != Animation::on || type_ == kEnd);
  return has_all_data ? Progress::complete : Progress::doubtful;
}

bool PngFormat::is_in_order() {
  if ((type_ == kHeader) != (facts_.width == 0)) return false;  // The first one, and only that.
  if (data_ == Data::within && type_ != kData) data_ = Data::after;
  switch (type_) {
    case kHeader:
      return length_ == 13;
    case kPalette:
      return color_type_ != 3 || palette_is_legal();
    case kData:
      if (data_ == Data::after || (color_type_ == 3 && !has_palette_)) return false;
      data_ = Data::within;
      return true;
    case kEnd:  // With content or without.
      return true;
    default:
      return is_ancillary(type_);
  }
}

/// Of an image that needs one; in any other it is a hint, which decoders overlook when it is faulty.
bool PngFormat::palette_is_legal() {
  return data_ == Data::before && !std::exchange(has_palette_, true) && length_ % 3 == 0 && length_ > 0 &&
         length_ <= 3 * 256;
}

/// Width, height, bit depth, colour type, compression, filter, interlace (section 11.2.1).
bool PngFormat::header_is_legal(Bytes header) {
  facts_.width = be32(header, 0);
  facts_.height = be32(header, 4);
  facts_.frames = 1;
  color_type_ = u8(header, 9);
  return is_size(facts_.width) && is_size(facts_.height) && is_color(color_type_, u8(header, 8)) &&
         u8(header, 10) == 0 && u8(header, 11) == 0 && u8(header, 12) <= 1;
}

/// What a chunk says against the animation. Its faults are none of the image's, which decoders show without it.
bool PngFormat::fits_animation(Bytes start) {
  if (type_ == kAnimation) return begins_animation(start);
  if (animation_ != Animation::on) return true;
  switch (type_) {
    case kFrame:
      return length_ == 26 && frame_is_legal(start);
    case kFrameData:
      return length_ >= 4 && is_next_in_sequence(be32(start, 0)) && frames_ > 0 && data_ == Data::after;
    case kEnd:
      return frames_ == facts_.frames;
    default:
      return true;
  }
}

bool PngFormat::begins_animation(Bytes control) {
  if (animation_ != Animation::none || data_ != Data::before || length_ != 8) return false;
  animation_ = Animation::on;
  facts_.frames = be32(control, 0);
  return is_size(facts_.frames);
}

void PngFormat::stop_animation() {
  animation_ = Animation::off;
  facts_.frames = 1;
}

/// Sequence number, width, height, x, y: a region of the image (section 11.3.6).
bool PngFormat::frame_is_legal(Bytes control) {
  ++frames_;
  const std::uint64_t width = be32(control, 4);
  const std::uint64_t height = be32(control, 8);
  return is_next_in_sequence(be32(control, 0)) && width > 0 && height > 0 &&
         width + be32(control, 12) <= facts_.width && height + be32(control, 16) <= facts_.height;
}

}  // namespace doutu

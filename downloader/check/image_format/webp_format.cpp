#include "downloader/check/image_format/webp_format.h"

#include <algorithm>

namespace doutu {
namespace {

constexpr std::uint32_t kLossy = four_cc("VP8 ");
constexpr std::uint32_t kLossless = four_cc("VP8L");
constexpr std::uint32_t kExtended = four_cc("VP8X");
constexpr std::uint32_t kFrame = four_cc("ANMF");

constexpr std::size_t kChunkHeader = 8;
constexpr std::size_t kFrameHeader = 16;
constexpr std::uint32_t kHasAnimation = 0x02;

}  // namespace

/// read: "RIFF", the size of all that follows these eight bytes, "WEBP".
WebpFormat::Step WebpFormat::on_riff(Bytes read) {
  const std::uint32_t size = le32(read, 4);
  end_ = kChunkHeader + size;
  return size < 4 + kChunkHeader ? kDamaged : this->read(kChunkHeader, &WebpFormat::on_chunk);
}

WebpFormat::Step WebpFormat::on_chunk(Bytes read) {
  const std::uint32_t name = be32(read, 0);
  chunk_size_ = le32(read, 4);
  if (chunk_size_ > container_end() - position()) return kDamaged;
  // Data of an odd length is padded, though not by every encoder at the very end.
  data_end_ = position() + chunk_size_;
  chunk_end_ = std::min(data_end_ + chunk_size_ % 2, container_end());

  const bool is_first = position() == 12 + kChunkHeader;
  if (is_first && name != kLossy && name != kLossless && name != kExtended) return kDamaged;
  switch (name) {
    case kLossy:
      return look_at(10, &WebpFormat::on_lossy);
    case kLossless:
      return look_at(5, &WebpFormat::on_lossless);
    case kExtended:
      return is_first ? look_at(10, &WebpFormat::on_extended) : kDamaged;
    case kFrame:
      return is_animated_ && frame_end_ == 0 ? look_at(kFrameHeader, &WebpFormat::on_frame) : kDamaged;
    default:
      return next_chunk();
  }
}

WebpFormat::Step WebpFormat::look_at(std::size_t count, State then) {
  return chunk_size_ < count ? kDamaged : read(count, then);
}

/// read: frame tag (key frame, version, shown, size of the first partition), start code, sizes (RFC 6386 section 9.1).
WebpFormat::Step WebpFormat::on_lossy(Bytes read) {
  const std::uint32_t tag = le24(read, 0);
  const bool is_key_frame = (tag & 1U) == 0;
  const bool is_shown = (tag >> 4U & 1U) == 1;
  const std::uint32_t version = tag >> 1U & 7U;
  const std::uint32_t first_partition = tag >> 5U;
  if (!is_key_frame || !is_shown || version > 3 || le24(read, 3) != 0x2A019D) return kDamaged;
  if (first_partition > chunk_size_ - read.size()) return kDamaged;
  return image_of({le16(read, 6) & 0x3FFFU, le16(read, 8) & 0x3FFFU});
}

/// read: signature, then 14 bits of width - 1, 14 of height - 1, one for alpha, three of version.
WebpFormat::Step WebpFormat::on_lossless(Bytes read) {
  const std::uint32_t bits = le32(read, 1);
  if (u8(read, 0) != 0x2F || bits >> 29U != 0) return kDamaged;
  return image_of({(bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1});
}

/// read: flags, three reserved bytes, width - 1, height - 1 of the canvas.
WebpFormat::Step WebpFormat::on_extended(Bytes read) {
  is_extended_ = true;
  is_animated_ = (u8(read, 0) & kHasAnimation) != 0;
  canvas_ = {le24(read, 4) + 1, le24(read, 7) + 1};
  facts_.width = canvas_.width;
  facts_.height = canvas_.height;
  return next_chunk();
}

/// read: x / 2, y / 2, width - 1, height - 1, duration, flags; the frame's own chunks follow.
WebpFormat::Step WebpFormat::on_frame(Bytes read) {
  frame_ = {le24(read, 6) + 1, le24(read, 9) + 1};
  const bool fits =
      2 * le24(read, 0) + frame_.width <= canvas_.width && 2 * le24(read, 3) + frame_.height <= canvas_.height;
  if (!fits) return kDamaged;
  frame_end_ = chunk_end_;
  chunk_end_ = position();
  has_image_ = false;
  return next_chunk();
}

WebpFormat::Step WebpFormat::image_of(Size size) {
  const bool in_frame = frame_end_ != 0;
  if (size.width == 0 || size.height == 0 || has_image_ || is_animated_ != in_frame) return kDamaged;
  if (is_extended_ && size != (in_frame ? frame_ : canvas_)) return kDamaged;
  facts_.width = is_extended_ ? canvas_.width : size.width;
  facts_.height = is_extended_ ? canvas_.height : size.height;
  ++facts_.frames;
  has_image_ = true;
  return next_chunk();
}

/// Passes by what is left of the chunk.
WebpFormat::Step WebpFormat::next_chunk() {
  if (chunk_end_ == frame_end_) {
    if (!has_image_) return kDamaged;
    frame_end_ = 0;
  }
  const std::uint64_t rest = chunk_end_ - position();
  if (chunk_end_ == end_) return pass_and_read(rest, 0, &WebpFormat::on_end);
  if (frame_end_ == 0 && end_ - chunk_end_ < kChunkHeader) {
    return pass_and_read(end_ - position(), 0, &WebpFormat::on_rest);
  }
  if (container_end() - chunk_end_ < kChunkHeader) return kDamaged;
  return pass_and_read(rest, kChunkHeader, &WebpFormat::on_chunk);
}

bool WebpFormat::has_all_images() const {
  if (facts_.frames == 0 || frame_end_ != 0 || position() < data_end_) return false;
  return end_ - position() < kChunkHeader + kFrameHeader;
}

Progress WebpFormat::at_end(BodyEnd end) {
  return end == BodyEnd::announced && has_all_images() ? Progress::complete : Progress::going;
}

/// What is no chunk stands in the container. Decoders go on to the end of an animation; of a still image they have all.
WebpFormat::Step WebpFormat::on_rest(Bytes read) { return is_animated_ ? kDamaged : on_end(read); }

WebpFormat::Step WebpFormat::on_end(Bytes /*read*/) { return facts_.frames > 0 ? kComplete : kDamaged; }

}  // namespace doutu

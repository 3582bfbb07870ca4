#include "downloader/image_format/jpeg_format.h"

#include <cstring>

namespace doutu {
namespace {

// Markers are 0xFF and one of these (T.81 table B.1).
constexpr std::uint32_t kFirstMarker = 0xC0;  ///< Below: stuffed data (also that of JPEG-LS, below 0x80), or reserved.
constexpr std::uint32_t kStart = 0xD8;
constexpr std::uint32_t kEnd = 0xD9;
constexpr std::uint32_t kScan = 0xDA;
constexpr std::uint32_t kLineCount = 0xDC;
constexpr std::uint32_t kFill = 0xFF;

constexpr bool is_restart(std::uint32_t marker) { return marker >= 0xD0 && marker <= 0xD7; }

/// SOF0 to SOF15 without DHT, JPG and DAC between them, and SOF55 of JPEG-LS (ITU-T T.87).
constexpr bool is_frame(std::uint32_t marker) {
  return (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) || marker == 0xF7;
}

/// After 0xFF in coded data: nothing to stop for.
constexpr bool is_data(std::uint32_t marker) { return marker < kFirstMarker || is_restart(marker); }

}  // namespace

/// Also after the start marker, which has no content.
JpegFormat::Step JpegFormat::on_segment_end(Bytes /*read*/) { return look_for_marker(); }

JpegFormat::Step JpegFormat::look_for_marker() {
  searching_ = true;
  return pass_and_read(kForever, 2, &JpegFormat::on_marker);
}

std::size_t JpegFormat::passed(Bytes bytes) {
  if (!searching_) return bytes.size();
  for (std::size_t at = 0; at < bytes.size();) {
    const void* found = std::memchr(bytes.data() + at, 0xFF, bytes.size() - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
    if (at + 1 == bytes.size() || !is_data(u8(bytes, at + 1))) return at;
    at += 2;
  }
  return bytes.size();
}

/// read: 0xFF and what follows it, or, after a fill byte, only that.
JpegFormat::Step JpegFormat::on_marker(Bytes read) {
  searching_ = false;
  marker_ = u8(read, read.size() - 1);
  if (marker_ == kFill) return this->read(1, &JpegFormat::on_marker);
  if (is_data(marker_)) return look_for_marker();
  if (marker_ == kStart) return kDamaged;
  if (marker_ == kEnd) return end();
  return this->read(2, &JpegFormat::on_segment);
}

JpegFormat::Step JpegFormat::on_segment(Bytes read) {
  length_ = be16(read, 0);
  if (length_ < 2) return kDamaged;
  length_ -= 2;
  if (is_frame(marker_)) {
    if (has_frame_ || length_ < 6) return kDamaged;
    return this->read(6, &JpegFormat::on_frame);
  }
  if (marker_ == kLineCount) return length_ == 2 ? this->read(2, &JpegFormat::on_line_count) : kDamaged;
  if (marker_ == kScan) {
    if (!has_frame_ || length_ < 6) return kDamaged;
    has_scan_ = true;
  }
  return pass_and_read(length_, 0, &JpegFormat::on_segment_end);
}

/// read: precision, height (0: a DNL segment will say it), width, number of components of three bytes each (B.2.2).
JpegFormat::Step JpegFormat::on_frame(Bytes read) {
  has_frame_ = true;
  facts_.frames = 1;
  facts_.height = be16(read, 1);
  facts_.width = be16(read, 3);
  const std::uint32_t components = u8(read, 5);
  if (facts_.width == 0 || components == 0 || length_ != 6 + 3 * components) return kDamaged;
  return pass_and_read(length_ - 6, 0, &JpegFormat::on_segment_end);
}

JpegFormat::Step JpegFormat::on_line_count(Bytes read) {
  if (facts_.height == 0) facts_.height = be16(read, 0);
  return look_for_marker();
}

JpegFormat::Step JpegFormat::end() const { return has_scan_ && facts_.height != 0 ? kComplete : kDamaged; }

}  // namespace doutu

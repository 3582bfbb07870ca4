#include "downloader/check/image_format/jpeg_format.h"

#include <algorithm>
#include <cstring>

namespace doutu {
namespace {

// Markers are 0xFF and one of these (T.81 table B.1).
constexpr std::uint32_t kFirstMarker = 0xC0;  ///< Below: stuffed data (also that of JPEG-LS, below 0x80), or reserved.
constexpr std::uint32_t kStart = 0xD8;
constexpr std::uint32_t kEnd = 0xD9;
constexpr std::uint32_t kScan = 0xDA;
constexpr std::uint32_t kLineCount = 0xDC;
constexpr std::uint32_t kTemporary = 0x01;  ///< Of arithmetic coders; without content.
constexpr std::uint32_t kFill = 0xFF;

constexpr bool is_restart(std::uint32_t marker) { return marker >= 0xD0 && marker <= 0xD7; }

/// SOF0 to SOF15 without DHT, JPG and DAC between them, and SOF55 of JPEG-LS (ITU-T T.87).
constexpr bool is_frame(std::uint32_t marker) {
  return (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) || marker == 0xF7;
}

/// COM, APP0 to APP15 and DNL: what decoders pass by, whatever its length says.
constexpr bool is_passed_by(std::uint32_t marker) {
  return marker == 0xFE || (marker >= 0xE0 && marker <= 0xEF) || marker == kLineCount;
}

/// Of a frame's component: horizontal and vertical, four bits each (B.2.2).
constexpr bool is_sampling(std::uint32_t factors) {
  const auto is_factor = [](std::uint32_t factor) { return factor >= 1 && factor <= 4; };
  return is_factor(factors >> 4U) && is_factor(factors & 15U);
}

/// After 0xFF in coded data: nothing to stop for.
constexpr bool is_data(std::uint32_t marker) { return marker < kFirstMarker || is_restart(marker); }

/// After 0xFF before any coded data: no marker, or one without content.
constexpr bool is_nothing(std::uint32_t marker) { return marker <= kTemporary || is_restart(marker); }

/// Reserved, of hierarchical images or of extensions: before any coded data decoders give up at such. 0xF8 has the
/// parameters of JPEG-LS.
constexpr bool is_foreign(std::uint32_t marker) {
  const bool is_extension = marker == 0xC8 || (marker >= 0xF0 && marker <= 0xFD && marker != 0xF7 && marker != 0xF8);
  return marker < kFirstMarker || marker == 0xDE || marker == 0xDF || is_extension;
}

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
    if (at + 1 == bytes.size() || !goes_by(u8(bytes, at + 1))) return at;
    at += 2;
  }
  return bytes.size();
}

bool JpegFormat::goes_by(std::uint32_t marker) const { return has_scan_ ? is_data(marker) : is_nothing(marker); }

/// read: 0xFF and what follows it, or, after a fill byte, only that.
JpegFormat::Step JpegFormat::on_marker(Bytes read) {
  searching_ = false;
  marker_ = u8(read, read.size() - 1);
  if (marker_ == kFill) return this->read(1, &JpegFormat::on_marker);
  if (goes_by(marker_)) return look_for_marker();
  if (!has_scan_ && is_foreign(marker_)) return kDamaged;
  if (marker_ == kStart) return kDamaged;
  if (marker_ == kEnd) return end();
  return this->read(2, &JpegFormat::on_segment);
}

JpegFormat::Step JpegFormat::on_segment(Bytes read) {
  length_ = be16(read, 0);
  if (length_ < 2) return is_passed_by(marker_) ? look_for_marker() : kDamaged;
  length_ -= 2;
  if (is_frame(marker_)) {
    if (has_frame_ || length_ < 6) return kDamaged;
    return this->read(6, &JpegFormat::on_frame);
  }
  if (marker_ == kLineCount && length_ >= 2) return this->read(2, &JpegFormat::on_line_count);
  if (marker_ == kScan) {
    const bool is_length = length_ >= 6 && length_ <= 12;
    return has_frame_ && is_length ? this->read(length_, &JpegFormat::on_scan) : kDamaged;
  }
  return pass_and_read(length_, 0, &JpegFormat::on_segment_end);
}

/// read: precision, height (0: a DNL segment will say it), width, number of components of three bytes each (B.2.2).
JpegFormat::Step JpegFormat::on_frame(Bytes read) {
  has_frame_ = true;
  facts_.frames = 1;
  facts_.height = be16(read, 1);
  facts_.width = be16(read, 3);
  components_ = u8(read, 5);
  const bool is_count = components_ > 0 && components_ <= kMaxComponents;
  if (facts_.width == 0 || !is_count || length_ != 6 + 3 * components_) return kDamaged;
  return this->read(length_ - 6, &JpegFormat::on_components);
}

/// read: of each component its identifier, its sampling factors, its quantization table.
JpegFormat::Step JpegFormat::on_components(Bytes read) {
  for (std::size_t i = 0; i < components_; ++i) {
    component_ids_.at(i) = u8(read, 3 * i);
    if (!is_sampling(u8(read, 3 * i + 1))) return kDamaged;
  }
  return look_for_marker();
}

/// read: number of components, two bytes for each (which one, its tables), the coefficients in the scan (B.2.3).
JpegFormat::Step JpegFormat::on_scan(Bytes read) {
  const std::size_t count = u8(read, 0);
  if (count == 0 || length_ != 4 + 2 * count || !has_components(read.subspan(1, 2 * count))) return kDamaged;
  has_scan_ = true;
  return look_for_marker();
}

bool JpegFormat::has_components(Bytes selectors) const {
  auto left = component_ids_;
  auto end = left.begin() + components_;
  for (std::size_t i = 0; i < selectors.size(); i += 2) {
    const auto found = std::find(left.begin(), end, u8(selectors, i));
    if (found == end) return false;
    *found = *--end;
  }
  return true;
}

JpegFormat::Step JpegFormat::on_line_count(Bytes read) {
  if (facts_.height == 0) facts_.height = be16(read, 0);
  return pass_and_read(length_ - 2, 0, &JpegFormat::on_segment_end);
}

/// Within the coded data, or behind it.
Progress JpegFormat::at_end(BodyEnd end) {
  const bool is_doubtful = end == BodyEnd::announced && has_scan_ && facts_.height != 0;
  return is_doubtful ? Progress::doubtful : Progress::going;
}

JpegFormat::Step JpegFormat::end() const { return has_scan_ && facts_.height != 0 ? kComplete : kDamaged; }

}  // namespace doutu

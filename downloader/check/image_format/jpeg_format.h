// JPEG (ITU-T T.81): segments by their lengths, the coded data between them by their markers, to the EOI marker. All
// kinds of frames (baseline, progressive, arithmetic, lossless, JPEG-LS), any number of scans. Thumbnails lie within
// segments and are passed by with them. What libjpeg overlooks is overlooked: bytes between segments that begin no
// marker, and the length of a comment or application segment that is too short to hold itself. Before the first scan no
// marker may be foreign: there decoders give up. Without EOI a JPEG that all came of is doubtful: coded data that was
// cut looks the same.
#pragma once

#include "downloader/check/image_format/step_format.h"

namespace doutu {

class JpegFormat final : public States<JpegFormat> {
 public:
  JpegFormat() : States("jpeg", 2, &JpegFormat::on_segment_end) {}

 private:
  Step on_segment_end(Bytes read);
  Step on_marker(Bytes read);
  Step on_segment(Bytes read);
  Step on_frame(Bytes read);
  Step on_components(Bytes read);
  Step on_scan(Bytes read);
  Step on_line_count(Bytes read);
  Step look_for_marker();
  std::size_t passed(Bytes bytes) override;
  /// What follows 0xFF is no marker to stop for.
  [[nodiscard]] bool goes_by(std::uint32_t marker) const;
  Progress at_end(BodyEnd end) override;
  [[nodiscard]] Step end() const;
  /// Whether the frame has these components, each as often as it is named.
  [[nodiscard]] bool has_components(Bytes selectors) const;

  static constexpr std::size_t kMaxComponents = 10;  ///< Of a frame, as of libjpeg; the standard has 255.

  std::uint32_t marker_ = 0;  ///< The second byte of the last one.
  std::uint32_t length_ = 0;  ///< Of the segment.
  bool searching_ = false;    ///< What goes by is no segment, and ends with a marker.
  bool has_frame_ = false;
  std::uint32_t components_ = 0;  ///< Of the frame.
  std::array<std::uint32_t, kMaxComponents> component_ids_{};
  bool has_scan_ = false;
};

}  // namespace doutu

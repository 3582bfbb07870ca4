// JPEG (ITU-T T.81): segments by their lengths, the coded data between them by their markers, to the EOI marker. All
// kinds of frames (baseline, progressive, arithmetic, lossless, JPEG-LS), any number of scans. Thumbnails lie within
// segments and are passed by with them. Bytes between segments that begin no marker are overlooked, as decoders do.
#pragma once

#include "downloader/image_format/step_format.h"

namespace doutu {

class JpegFormat final : public States<JpegFormat> {
 public:
  JpegFormat() : States("jpeg", 2, &JpegFormat::on_segment_end) {}

 private:
  Step on_segment_end(Bytes read);
  Step on_marker(Bytes read);
  Step on_segment(Bytes read);
  Step on_frame(Bytes read);
  Step on_line_count(Bytes read);
  Step look_for_marker();
  std::size_t passed(Bytes bytes) override;
  [[nodiscard]] Step end() const;

  std::uint32_t marker_ = 0;  ///< The second byte of the last one.
  std::uint32_t length_ = 0;  ///< Of the segment.
  bool searching_ = false;    ///< What goes by is no segment, and ends with a marker.
  bool has_frame_ = false;
  bool has_scan_ = false;
};

}  // namespace doutu

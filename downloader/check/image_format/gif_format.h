// GIF (87a and 89a): blocks and their sub-blocks, to the trailer, which may be missing behind a whole frame where all
// came. The compressed pixels are not unpacked, so one that ends within a frame is doubtful then.
#pragma once

#include "downloader/check/image_format/step_format.h"

namespace doutu {

class GifFormat final : public States<GifFormat> {
 public:
  GifFormat() : States("gif", 13, &GifFormat::on_screen) {}

 private:
  Step on_screen(Bytes read);
  Step on_block(Bytes read);
  Step on_extension(Bytes read);
  Step on_image(Bytes read);
  Step on_code_size(Bytes read);
  Step on_sub_block(Bytes read);
  Progress at_end(BodyEnd end) override;
  /// At the trailer, or where it is missing.
  [[nodiscard]] Progress ended() const;

  bool has_pixels_ = false;       ///< In any image that has begun.
  bool announces_image_ = false;  ///< A graphic control extension came, and what it controls did not.
};

}  // namespace doutu

// GIF (87a and 89a): blocks and their sub-blocks, to the trailer. The compressed pixels are not unpacked.
#pragma once

#include "downloader/image_format/step_format.h"

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
};

}  // namespace doutu

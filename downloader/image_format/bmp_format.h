// BMP (OS/2 1 and 2, Windows 3 to 5): the headers, and as many bytes as they ask for; run lengths to their end mark.
// BMP has no checksum, and the file size that it announces is wrong too often to count.
#pragma once

#include "downloader/image_format/step_format.h"

namespace doutu {

class BmpFormat final : public States<BmpFormat> {
 public:
  BmpFormat() : States("bmp", 18, &BmpFormat::on_file_header) {}

 private:
  Step on_file_header(Bytes read);
  Step on_small_header(Bytes read);
  Step on_size_fields(Bytes read);
  Step on_compression(Bytes read);
  Step on_run(Bytes read);
  /// The pixels begin: checks the sides, and passes by what stands before them.
  Step pixels(std::uint64_t bytes, std::size_t read, State then);
  Step plain_pixels();
  Step on_end(Bytes read);

  std::uint32_t pixels_at_ = 0;    ///< Offset of the pixels.
  std::uint32_t header_size_ = 0;  ///< Of the information header.
  std::uint32_t depth_ = 0;        ///< Bits a pixel.
};

}  // namespace doutu

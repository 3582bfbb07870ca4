// BMP (OS/2 1 and 2, Windows 3 to 5): the headers, and as many bytes as they ask for; run lengths to their end mark.
// BMP has no checksum, and the file size that it announces is wrong too often to count. So is the number of colours,
// and the offset of the pixels may be 0: behind the palette.
//
// Where all came, writers' miscounts are overlooked: up to three bytes behind the last row but one, since rows are
// padded to four, and the end mark of run lengths when every row is there.
#pragma once

#include "downloader/check/image_format/step_format.h"

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
  Step on_delta(Bytes read);
  /// The pixels begin: checks the sides, and passes by what stands before them.
  Step pixels(std::uint64_t bytes, std::size_t read, State then);
  Step plain_pixels();
  Step on_end(Bytes read);
  Progress at_end(BodyEnd end) override;
  /// Where they begin when the header does not say.
  [[nodiscard]] std::uint32_t palette_end(std::uint32_t compression, std::uint32_t colors) const;
  [[nodiscard]] bool has_every_row() const;

  std::uint32_t pixels_at_ = 0;    ///< Offset of the pixels.
  std::uint32_t header_size_ = 0;  ///< Of the information header.
  std::uint32_t depth_ = 0;        ///< Bits a pixel.
  std::uint64_t rows_end_ = 0;     ///< Offset behind the last row of pixels that are not compressed.
  std::uint64_t y_ = 0;            ///< Rows of run lengths that ended.
};

}  // namespace doutu

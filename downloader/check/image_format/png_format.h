// PNG (ISO/IEC 15948, PNG third edition) with its animation: the checksums and the order of the chunks that matter and
// the values of the header, to the IEND chunk. So every flipped bit is found that a decoder would not overlook.
//
// The compressed data is not inflated. So whether it is whole is known only when another chunk follows it: where all
// came, an image may end within such a chunk. One that ends within its data or with it, or goes on with what is no
// chunk, is doubtful.
#pragma once

#include "downloader/check/image_format/step_format.h"

namespace doutu {

class PngFormat final : public States<PngFormat> {
 public:
  PngFormat() : States("png", 8, &PngFormat::on_signature) {}

 private:
  Step on_signature(Bytes read);
  Step on_chunk(Bytes read);
  Step on_start_of_data(Bytes read);
  Step on_checksum(Bytes read);
  std::size_t passed(Bytes bytes) override;
  Progress at_end(BodyEnd end) override;

  // What a chunk's place and length, and its first bytes, say against it.
  [[nodiscard]] bool is_in_order();
  [[nodiscard]] bool header_is_legal(Bytes header);
  [[nodiscard]] bool palette_is_legal();
  [[nodiscard]] bool fits_animation(Bytes start);
  [[nodiscard]] bool begins_animation(Bytes control);
  [[nodiscard]] bool frame_is_legal(Bytes control);
  [[nodiscard]] bool is_next_in_sequence(std::uint32_t number) { return number == sequence_++; }
  void stop_animation();
  /// A wrong checksum, since decoders leave the chunk out, or have all that they want of the image.
  [[nodiscard]] bool is_overlooked() const;

  std::uint32_t type_ = 0;  ///< Of the chunk.
  std::uint32_t length_ = 0;
  std::uint32_t checksum_ = 0;
  enum class Data { before, within, after };
  Data data_ = Data::before;  ///< Where the chunk stands, seen from the IDAT chunks.
  std::uint32_t color_type_ = 0;
  bool has_palette_ = false;
  enum class Animation { none, on, off };
  Animation animation_ = Animation::none;
  std::uint32_t sequence_ = 0;  ///< Of the animation's chunks.
  std::uint32_t frames_ = 0;    ///< fcTL chunks so far.
};

}  // namespace doutu

// Boxes (ISO/IEC 14496-12): AVIF, HEIC, their sequences, and JPEG XL in its container. Every box within the one that
// holds it, to the last; the places in the file that the item locations and the chunk offsets name must have come.
// There is no end mark: such a body is whole when it ends with a box and nothing is missing. No checksum.
//
// Where all came, what stands behind the last box of the image need be no box, and a box may go on to the end of the
// file though it does not say how much is to come.
#pragma once

#include "downloader/check/image_format/step_format.h"

namespace doutu {

class BoxFormat final : public States<BoxFormat> {
 public:
  explicit BoxFormat(std::string_view type) : States(type, 8, &BoxFormat::on_box) {}

 private:
  Step on_box(Bytes read);
  Step on_large_size(Bytes read);
  Step on_image_size(Bytes read);
  Step on_track_header(Bytes read);
  Step on_track_size(Bytes read);
  Step on_sample_count(Bytes read);
  Step on_chunk_offsets(Bytes read);
  Step on_chunk_offset(Bytes read);
  Step on_item_locations(Bytes read);
  Step on_item_count(Bytes read);
  Step on_item(Bytes read);
  Step on_extent(Bytes read);
  Step on_partial_codestream(Bytes read);
  Step on_minimized_image(Bytes read);
  Progress at_end(BodyEnd end) override;

  Step open_box(std::uint64_t size, std::uint64_t header);
  Step open_content();
  Step enter(std::size_t ignored);
  Step read_within(std::uint64_t pass, std::size_t count, State then);
  Step leave();
  Step next_item();
  Step next_extent();
  void learn_size(std::uint32_t width, std::uint32_t height);
  /// That the image has such a part, of which only boxes around it say where it ends.
  Step leave_part_of_image();
  /// The image has bytes in the file up to here.
  void require_bytes_to(std::uint64_t end);
  [[nodiscard]] bool has_everything(std::uint64_t offset) const { return has_image_ && offset >= needed_; }
  /// Nothing is missing.
  [[nodiscard]] bool is_whole(BodyEnd end) const;
  [[nodiscard]] bool is_whole_meta() const;
  /// When it is whole, or what follows is no part of it.
  [[nodiscard]] Progress ended() const;
  [[nodiscard]] std::uint64_t parent_end() const { return depth_ == 0 ? kForever : parents_.at(depth_ - 1); }

  std::uint32_t name_ = 0;         ///< Of the current box,
  std::uint64_t box_end_ = 0;      ///< which ends before this offset; kForever: with the file.
  std::uint64_t outer_begin_ = 0;  ///< Of the outermost box around it.
  std::size_t depth_ = 0;
  std::array<std::uint64_t, 8> parents_{};  ///< Where the boxes around it end.
  bool has_image_ = false;
  std::uint64_t needed_ = 0;        ///< The file must have so many bytes,
  bool is_exact_ = true;            ///< and no more.
  std::uint32_t meta_parts_ = 0;    ///< Those that have come: bits of MetaPart.
  std::uint32_t needed_parts_ = 0;  ///< Those that must.

  // What the current iloc says of its fields, and how much of it is to come.
  struct Locations {
    std::uint32_t version = 0;
    std::size_t offset_size = 0, length_size = 0, base_size = 0, index_size = 0;
    std::uint32_t items = 0;
    std::uint32_t extents = 0;
    std::uint64_t base = 0;
    bool in_file = false;  ///< The item's extents lie in the file, not in another item or another file.
  };
  Locations locations_;
  std::uint32_t chunk_offsets_ = 0;  ///< Of the current stco or co64 still to come.
};

}  // namespace doutu

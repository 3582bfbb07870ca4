// WebP (RFC 9649): the chunks of the RIFF container to its announced size, the headers of the VP8, VP8L and VP8X
// bitstreams and the frames of an animation, each within what holds it. WebP carries no checksum.
//
// Where all came, the container may announce a few bytes more than there are (many writers count its header twice): no
// frame would fit into them, and every chunk that began is whole.
#pragma once

#include "downloader/check/image_format/step_format.h"

namespace doutu {

class WebpFormat final : public States<WebpFormat> {
 public:
  WebpFormat() : States("webp", 12, &WebpFormat::on_riff) {}

 private:
  struct Size {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    bool operator==(const Size&) const = default;
  };

  Step on_riff(Bytes read);
  Step on_chunk(Bytes read);
  Step on_lossy(Bytes read);
  Step on_lossless(Bytes read);
  Step on_extended(Bytes read);
  Step on_frame(Bytes read);
  Step on_end(Bytes read);
  Step on_rest(Bytes read);
  Progress at_end(BodyEnd end) override;
  [[nodiscard]] bool has_all_images() const;
  /// Of what is read of the chunk's data, and looked at by the state that follows.
  Step look_at(std::size_t count, State then);
  Step image_of(Size size);
  Step next_chunk();
  /// Where the chunks that come now must end.
  [[nodiscard]] std::uint64_t container_end() const { return frame_end_ != 0 ? frame_end_ : end_; }

  std::uint64_t end_ = 0;        ///< Offset behind the file's last chunk;
  std::uint64_t frame_end_ = 0;  ///< behind the animation's frame that the chunks belong to; 0: to none;
  std::uint64_t chunk_end_ = 0;  ///< behind the current chunk,
  std::uint64_t data_end_ = 0;   ///< and behind its data, which may be padded.
  std::uint32_t chunk_size_ = 0;
  Size canvas_;  ///< Of the extended format.
  Size frame_;   ///< Of the frame.
  bool is_extended_ = false;
  bool is_animated_ = false;
  bool has_image_ = false;  ///< The file, or the frame within it.
};

}  // namespace doutu

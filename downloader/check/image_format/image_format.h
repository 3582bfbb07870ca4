// ImageFormat: walks an image of one type from its first byte to its last without decoding it, while the bytes arrive,
// and says whether it is whole. One rule for all types: what every decoder refuses is damaged, what decoders overlook
// is overlooked, and nothing is whole before its end. What stands behind the end is not looked at. Each format keeps a
// small state and no bytes of the image; no I/O, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace doutu {

using Bytes = std::span<const std::byte>;

struct ImageFacts {
  std::string_view type;     ///< "jpeg", "png" ...: a literal. Empty until known.
  std::uint32_t width = 0;   ///< In pixels, as coded (before any rotation that metadata asks for);
  std::uint32_t height = 0;  ///< 0 of both: the type does not say, or it is not read.
  std::uint32_t frames = 0;  ///< Of an animation, pages of a TIFF, sizes of an icon; else 1.
};

enum class Progress {
  going,     ///< More is to come.
  complete,  ///< Whole; bytes that follow do not matter.
  damaged,   ///< It contradicts itself, for good.
  doubtful,  ///< No end mark came, though all did that the server has: a decoder can tell whether every pixel is there.
};

/// How it is known that no byte of a body follows.
enum class BodyEnd {
  announced,          ///< By a length, the last chunk, END_STREAM: all that the server has came.
  connection_closed,  ///< By nothing but the end of the connection, which may have cut it anywhere.
};

class ImageFormat {
 public:
  explicit ImageFormat(std::string_view type) : facts_{.type = type} {}
  virtual ~ImageFormat() = default;

  /// The next bytes of the body, which begins with the signature. Pieces of any size, with the same result.
  virtual Progress feed(Bytes bytes) = 0;
  /// No byte follows. Still going: the body ends before the image does. Where all came, an end mark may be missing: as
  /// long as it is certain that nothing else is, the image is complete, else it may be doubtful. Only here it is.
  virtual Progress finish(BodyEnd end) = 0;
  /// As far as they are known; final when complete.
  [[nodiscard]] const ImageFacts& facts() const { return facts_; }

 protected:
  ImageFormat(const ImageFormat&) = default;
  ImageFormat& operator=(const ImageFormat&) = default;

  ImageFacts facts_;
};

}  // namespace doutu

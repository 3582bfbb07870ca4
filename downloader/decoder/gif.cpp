#include "downloader/decoder/gif.h"

#include <gif_lib.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace doutu {
namespace {

/// Of all frames together. giflib decodes some hundred million pixels a second.
constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 30U;

/// What giflib reads. Pixel data lies in blocks, each behind its length, and ends with one of length 0. giflib takes no
/// block that is torn and no end of the file. So the last block is made as long as what is there of it, and behind it
/// stands the end: a decoder that needs another code meets the end of the data, which is an error to it.
class GifBytes {
 public:
  explicit GifBytes(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  enum class Within { records, pixel_data };
  void enter(Within within) { within_ = within; }
  [[nodiscard]] bool are_at_end() const { return left_.empty(); }

  /// giflib reads a block's length by itself, then the block.
  int read(std::span<GifByteType> into) {
    if (within_ == Within::pixel_data && block_ == 0) return read_length(into.front());
    const std::size_t count = std::min(into.size(), left_.size());
    std::ranges::copy(left_.first(count), into.begin());
    left_ = left_.subspan(count);
    block_ = 0;
    return static_cast<int>(count);
  }

 private:
  int read_length(GifByteType& length) {
    length = 0;
    if (!left_.empty()) {
      length = static_cast<GifByteType>(std::min<std::size_t>(left_.front(), left_.size() - 1));
      left_ = left_.subspan(1);
    }
    block_ = length;
    return 1;
  }

  std::span<const std::uint8_t> left_;
  Within within_ = Within::records;
  std::size_t block_ = 0;  ///< Length of the block that is read next; 0: none is.
};

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

class GifReader {
 public:
  explicit GifReader(std::span<const std::uint8_t> image)
      : bytes_(image), gif_(DGifOpen(&bytes_, &GifReader::read_bytes, nullptr)) {}

  DecodeResult read();

 private:
  static int read_bytes(GifFileType* gif, GifByteType* into, int count) {
    return static_cast<GifBytes*>(gif->UserData)->read({into, static_cast<std::size_t>(count)});
  }

  DecodeResult read_frame();
  DecodeResult read_lines(std::size_t width, std::size_t height);
  bool pass_extension();

  GifBytes bytes_;
  std::unique_ptr<GifFileType, CloseGif> gif_;
  std::uint64_t pixels_ = 0;
};

/// Ends at the trailer, at the end of the file, within an extension that was cut off, or at what is no GIF any more.
DecodeResult GifReader::read() {
  DecodeResult frames = DecodeResult::not_whole;  // There is none yet.
  GifRecordType record = UNDEFINED_RECORD_TYPE;
  while (gif_ && !bytes_.are_at_end() && DGifGetRecordType(gif_.get(), &record) == GIF_OK) {
    if (record == IMAGE_DESC_RECORD_TYPE) {
      frames = read_frame();
      if (frames != DecodeResult::whole) break;
    } else if (record != EXTENSION_RECORD_TYPE || !pass_extension()) {
      break;
    }
  }
  return frames;
}

DecodeResult GifReader::read_frame() {
  if (DGifGetImageDesc(gif_.get()) != GIF_OK) return DecodeResult::not_whole;
  const auto width = static_cast<std::size_t>(gif_->Image.Width);
  const auto height = static_cast<std::size_t>(gif_->Image.Height);
  pixels_ += width * height;
  if (width == 0 || height == 0) return DecodeResult::not_whole;
  if (pixels_ > kMostPixels) return DecodeResult::too_large;
  bytes_.enter(GifBytes::Within::pixel_data);
  const DecodeResult lines = read_lines(width, height);
  bytes_.enter(GifBytes::Within::records);
  return lines;
}

/// In the order of the file, which is not from top to bottom where it is interlaced.
DecodeResult GifReader::read_lines(std::size_t width, std::size_t height) {
  std::vector<GifPixelType> line(width);
  for (std::size_t i = 0; i < height; ++i) {
    if (DGifGetLine(gif_.get(), line.data(), static_cast<int>(width)) != GIF_OK) return DecodeResult::not_whole;
  }
  return DecodeResult::whole;
}

bool GifReader::pass_extension() {
  GifByteType* block = nullptr;
  int code = 0;
  bool is_there = DGifGetExtension(gif_.get(), &code, &block) == GIF_OK;
  while (is_there && block != nullptr) is_there = DGifGetExtensionNext(gif_.get(), &block) == GIF_OK;
  return is_there;
}

}  // namespace

DecodeResult decode_gif(std::span<const std::uint8_t> image) { return GifReader(image).read(); }

}  // namespace doutu

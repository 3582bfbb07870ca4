// ImageCheck: whether the bytes of a body are an image, of which type, and whether it is whole: the type by its
// signature, never by name or Content-Type, then the structure of that type to its end, without decoding it. It is fed
// the body as it arrives, so that an error page ends its transfer at its first bytes. One thread; no I/O; no
// allocation, but for SVG.
//
// CPU time for an image of 4 KiB (tests/bench/image_check_bench): WebP 0.2 us, JPEG 0.3, GIF 0.4, AVIF 0.5, PNG 1.6 for
// its checksums, SVG 80. Fetching one costs 50 and more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <variant>

#include "downloader/check/image_format/bmp_format.h"
#include "downloader/check/image_format/box_format.h"
#include "downloader/check/image_format/gif_format.h"
#include "downloader/check/image_format/ico_format.h"
#include "downloader/check/image_format/jpeg_format.h"
#include "downloader/check/image_format/jxl_codestream.h"
#include "downloader/check/image_format/png_format.h"
#include "downloader/check/image_format/svg_format.h"
#include "downloader/check/image_format/tiff_format.h"
#include "downloader/check/image_format/webp_format.h"
#include "downloader/check/signature.h"
#include "shared/base/cause.h"

namespace doutu {

class ImageCheck {
 public:
  /// An image that announces more is too_many_pixels.
  explicit ImageCheck(std::uint64_t max_pixels = std::numeric_limits<std::uint64_t>::max()) : max_pixels_(max_pixels) {}

  /// A new body.
  void begin();
  /// The next bytes. Cause::none as long as it may be an image, then not_an_image, html_not_image or damaged_image for
  /// good.
  [[nodiscard]] Cause feed(Bytes bytes);
  /// The body is complete. Cause::none: it is a whole image. empty_body: it had no byte. incomplete_image: it ends
  /// before the image does. too_many_pixels: it is whole, and beyond the limit.
  [[nodiscard]] Cause finish(BodyEnd end);
  /// finish() said incomplete_image, and a decoder may know better: only the end mark may be missing.
  [[nodiscard]] bool is_doubtful() const { return is_doubtful_; }
  /// Whether its own structure said that it is whole: what follows does not matter. Some types say so at finish() only.
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  /// As far as they are known.
  [[nodiscard]] ImageFacts facts() const { return format_ == nullptr ? ImageFacts{} : format_->facts(); }

 private:
  /// Reads the signature; an image's format takes over from there.
  [[nodiscard]] Cause recognise(Bytes head, Head more);
  [[nodiscard]] Cause note(Progress progress);
  [[nodiscard]] ImageFormat& open(std::string_view type, Bytes head);
  [[nodiscard]] Cause cause_of(Progress progress) const;
  /// Its root element has not come.
  [[nodiscard]] bool may_be_no_image() const { return other_ != Cause::none && format_->facts().frames == 0; }

  const std::uint64_t max_pixels_;
  Cause other_ = Cause::none;  ///< What a body that is no image is, or turns out to be when it is no SVG.
  bool has_ended_ = false;
  bool is_doubtful_ = false;
  std::size_t size_ = 0;  ///< Of head_, filled only while the signature is undecided.
  std::array<std::byte, kSignatureBytes> head_{};

  ImageFormat* format_ = nullptr;  ///< In formats_, once the type is known.
  std::variant<std::monostate, JpegFormat, PngFormat, GifFormat, WebpFormat, BoxFormat, BmpFormat, IcoFormat,
               TiffFormat, SvgFormat, JxlCodestream>
      formats_;
};

}  // namespace doutu

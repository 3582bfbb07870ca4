// ImageCheck: whether the bytes of a body are an image, and of which type, by signature, never by name or Content-Type.
// It is fed the body as it arrives, so that an error page ends its transfer at its first bytes. One thread; no I/O.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "downloader/signature.h"
#include "shared/base/cause.h"

namespace doutu {

class ImageCheck {
 public:
  /// A new body.
  void begin();
  /// The next bytes. Cause::none as long as it may be an image, then not_an_image or html_not_image for good.
  [[nodiscard]] Cause feed(std::span<const std::byte> bytes);
  /// The body is complete. Cause::none: it is an image of type(). empty_body: it had no byte.
  [[nodiscard]] Cause finish();
  /// "jpeg", "png", "gif", "webp", "avif", "heic", "bmp", "ico", "tiff", "svg", "jxl"; empty until known.
  [[nodiscard]] std::string_view type() const { return signature_.type; }

 private:
  Signature signature_;
  std::size_t size_ = 0;  ///< Of head_, filled only while the signature is undecided.
  std::array<std::byte, kSignatureBytes> head_{};
};

}  // namespace doutu

// ImageBody: what becomes of the body of an image while it arrives: it is unpacked if it must be, checked, hashed, and
// written to the sink, which holds it once it is whole. One per slot, used again for one image after another; its
// loop's thread. It knows nothing of the transfer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "downloader/check/image_check.h"
#include "downloader/schedule/image_task.h"
#include "downloader/store/content_hasher.h"
#include "downloader/store/image_sink.h"
#include "shared/coding/body_unpacker.h"
#include "shared/coding/content_coding.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

class ImageBody {
 public:
  /// Both outlive it.
  ImageBody(const ImageOptions& image, ImageSink& sink);

  /// A new image; whatever is left of the last one is discarded.
  void begin(std::int64_t id) { incoming_->begin(id); }
  /// The next answer for it. Nothing was taken of the one before.
  void begin_answer();
  /// Nothing but identity was asked for, yet some servers compress what they have (.svgz), or have it compressed only.
  /// Before the first bytes.
  void set_codings(const ContentCodings& codings);
  /// The next bytes. Another cause than none is the end of it.
  [[nodiscard]] Cause take(std::span<const std::byte> bytes);
  /// Whether the image is whole by its own end mark.
  [[nodiscard]] bool has_ended() const { return check_.has_ended(); }
  /// That were taken, unpacked.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// No byte follows. none: the image is whole.
  [[nodiscard]] Cause finish(BodyEnd end);
  /// finish() said incomplete_image, and a decoder may know better.
  [[nodiscard]] bool is_doubtful() const { return check_.is_doubtful(); }
  /// For that decoder. Errors are the system's.
  [[nodiscard]] Result<UniqueFd> open_for_reading() { return incoming_->open_for_reading(); }
  /// The image stays, with everything in its file, which has this time (IncomingImage::finish()). Another cause than
  /// none: it does not.
  [[nodiscard]] Cause keep(std::optional<std::chrono::sys_seconds> modified);
  void discard() { incoming_->discard(); }

  /// errno of a write that failed, when the cause is internal_error.
  [[nodiscard]] int system_error() const { return system_error_; }
  [[nodiscard]] ImageFacts facts() const { return check_.facts(); }
  /// Once kept.
  [[nodiscard]] const Content& content() const { return content_; }

 private:
  /// A body that is said to be compressed.
  [[nodiscard]] Cause take_packed(std::span<const std::byte> bytes);
  [[nodiscard]] Cause unpack(std::span<const std::byte> bytes);
  [[nodiscard]] Cause take_image(std::span<const std::byte> bytes);
  [[nodiscard]] Cause cause_of(const Status& written);

  const ImageOptions& image_;
  BodyUnpacker unpacker_;
  bool knows_packing_ = false;          ///< It is decided whether the body is what its Content-Encoding says.
  std::vector<std::byte> packed_head_;  ///< Until then.
  ImageCheck check_;
  ContentHasher hasher_;
  const std::unique_ptr<IncomingImage> incoming_;
  std::uint64_t bytes_ = 0;
  int system_error_ = 0;
  Content content_;
};

}  // namespace doutu

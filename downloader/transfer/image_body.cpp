#include "downloader/transfer/image_body.h"

#include <utility>

#include "downloader/check/signature.h"
#include "shared/base/log.h"
#include "shared/base/system_limits.h"
#include "shared/folder/disk_wait.h"

namespace doutu {

ImageBody::ImageBody(const ImageOptions& image, ImageSink& sink)
    : image_(image), check_(image.max_pixels), hasher_(image.checksum), incoming_(sink.writer()) {}

void ImageBody::begin_answer() {
  unpacker_ = {};
  knows_packing_ = false;
  packed_head_.clear();
  check_.begin();
  hasher_.begin();
  bytes_ = 0;
  system_error_ = 0;
}

void ImageBody::set_codings(const ContentCodings& codings) {
  if (!codings.applied.empty()) unpacker_ = BodyUnpacker(codings.applied, image_.max_bytes);
}

Cause ImageBody::take(std::span<const std::byte> bytes) {
  return unpacker_.is_needed() ? take_packed(bytes) : take_image(bytes);
}

/// A body that begins as an image, or as a web page, is in no coding, whatever its header says.
Cause ImageBody::take_packed(std::span<const std::byte> bytes) {
  if (knows_packing_) return unpack(bytes);
  packed_head_.insert(packed_head_.end(), bytes.begin(), bytes.end());
  const auto more = packed_head_.size() < kSignatureBytes ? Head::grows : Head::full;
  const Signature signature = read_signature(packed_head_, more);
  if (signature.state == Signature::State::undecided) return Cause::none;
  knows_packing_ = true;
  const std::vector<std::byte> head = std::exchange(packed_head_, {});
  if (signature.state == Signature::State::other && signature.cause != Cause::html_not_image) return unpack(head);
  unpacker_ = {};
  return take_image(head);
}

Cause ImageBody::unpack(std::span<const std::byte> bytes) {
  const std::span packed(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Cause cause = Cause::none;
  const Decoded decoded = unpacker_.feed(packed, [&](std::span<const char> unpacked) {
    cause = take_image(std::as_bytes(unpacked));
    return cause == Cause::none;
  });
  if (decoded == Decoded::ok || cause != Cause::none) return cause;
  return decoded == Decoded::refused ? Cause::too_large : Cause::bad_response;
}

Cause ImageBody::take_image(std::span<const std::byte> bytes) {
  bytes_ += bytes.size();
  if (bytes_ > image_.max_bytes) return Cause::too_large;
  if (const Cause cause = check_.feed(bytes); cause != Cause::none) return cause;
  hasher_.update(bytes);
  return cause_of(incoming_->append(bytes));
}

Cause ImageBody::cause_of(const Status& written) {
  if (written) return Cause::none;
  system_error_ = written.error().code;
  // Of what concerns every image it is said elsewhere, once.
  if (!concerns_every_image(system_error_) && !is_want(system_error_))
    log_warning("incoming: {}", written.error().message);
  return Cause::internal_error;
}

Cause ImageBody::finish(BodyEnd end) {
  if (!packed_head_.empty()) {
    if (const Cause cause = unpack(std::exchange(packed_head_, {})); cause != Cause::none) return cause;
  }
  if (!unpacker_.is_whole() && !check_.has_ended()) return Cause::truncated;
  return check_.finish(end);
}

Cause ImageBody::keep(std::optional<std::chrono::sys_seconds> modified) {
  const Cause cause = cause_of(incoming_->finish(modified));
  if (cause == Cause::none) content_ = hasher_.finish();
  return cause;
}

}  // namespace doutu

#include "downloader/check/image_check.h"

#include <algorithm>

#include "shared/base/check.h"

namespace doutu {

void ImageCheck::begin() {
  other_ = Cause::none;
  has_ended_ = is_doubtful_ = false;
  size_ = 0;
  format_ = nullptr;
  formats_.emplace<std::monostate>();  // An SVG may hold much.
}

Cause ImageCheck::feed(Bytes bytes) {
  if (format_ != nullptr) return note(format_->feed(bytes));
  if (other_ != Cause::none) return other_;
  const Bytes given = bytes.first(std::min(bytes.size(), head_.size() - size_));
  std::ranges::copy(given, head_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += given.size();
  const Cause cause = recognise(Bytes(head_).first(size_), size_ < head_.size() ? Head::grows : Head::full);
  return format_ == nullptr || cause != Cause::none ? cause : note(format_->feed(bytes.subspan(given.size())));
}

Cause ImageCheck::finish(BodyEnd end) {
  if (format_ == nullptr && other_ == Cause::none) {
    if (size_ == 0) return Cause::empty_body;
    if (const Cause cause = recognise(Bytes(head_).first(size_), Head::complete); cause != Cause::none) return cause;
  }
  if (format_ == nullptr) return other_;
  const Progress progress = format_->finish(end);
  const ImageFacts& facts = format_->facts();
  const bool is_huge = std::uint64_t{facts.width} * facts.height > max_pixels_;
  is_doubtful_ = progress == Progress::doubtful && !is_huge;
  if (progress == Progress::going || progress == Progress::doubtful) {
    return may_be_no_image() ? other_ : Cause::incomplete_image;
  }
  return progress == Progress::complete && is_huge ? Cause::too_many_pixels : cause_of(progress);
}

Cause ImageCheck::recognise(Bytes head, Head more) {
  const Signature signature = read_signature(head, more);
  other_ = signature.cause;
  if (signature.state != Signature::State::image) return other_;
  format_ = &open(signature.type, head);
  return note(format_->feed(head));
}

Cause ImageCheck::note(Progress progress) {
  has_ended_ = progress == Progress::complete;
  return cause_of(progress);
}

Cause ImageCheck::cause_of(Progress progress) const {
  if (progress != Progress::damaged) return Cause::none;
  return may_be_no_image() ? other_ : Cause::damaged_image;
}

ImageFormat& ImageCheck::open(std::string_view type, Bytes head) {
  if (type == "jpeg") return formats_.emplace<JpegFormat>();
  if (type == "png") return formats_.emplace<PngFormat>();
  if (type == "gif") return formats_.emplace<GifFormat>();
  if (type == "webp") return formats_.emplace<WebpFormat>();
  if (type == "avif" || type == "heic") return formats_.emplace<BoxFormat>(type);
  if (type == "bmp") return formats_.emplace<BmpFormat>();
  if (type == "ico") return formats_.emplace<IcoFormat>();
  if (type == "tiff") return formats_.emplace<TiffFormat>();
  if (type == "svg") return formats_.emplace<SvgFormat>();
  DOUTU_CHECK(type == "jxl");
  if (u8(head, 0) != 0) return formats_.emplace<JxlCodestream>();
  return formats_.emplace<BoxFormat>(type);
}

}  // namespace doutu

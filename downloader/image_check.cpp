#include "downloader/image_check.h"

#include <algorithm>

namespace doutu {

void ImageCheck::begin() {
  signature_ = {};
  size_ = 0;
}

Cause ImageCheck::feed(std::span<const std::byte> bytes) {
  if (signature_.state != Signature::State::undecided) return signature_.cause;
  const std::size_t count = std::min(bytes.size(), head_.size() - size_);
  std::ranges::copy(bytes.first(count), head_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += count;
  signature_ = read_signature(std::span(head_).first(size_), size_ < head_.size() ? Head::grows : Head::complete);
  return signature_.cause;
}

Cause ImageCheck::finish() {
  if (signature_.state != Signature::State::undecided) return signature_.cause;
  if (size_ == 0) return Cause::empty_body;
  signature_ = read_signature(std::span(head_).first(size_), Head::complete);
  return signature_.cause;
}

}  // namespace doutu

#include "downloader/check/image_format/step_format.h"

#include <algorithm>
#include <utility>

#include "shared/base/check.h"

namespace doutu {

Progress StepFormat::feed(Bytes bytes) {
  while (progress_ == Progress::going) {
    if (bytes.empty() && (is_passing() || held_ < step_.read)) break;
    bytes = is_passing() ? pass(bytes) : read(bytes);
  }
  return progress_;
}

Bytes StepFormat::pass(Bytes bytes) {
  const Bytes given = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(step_.pass, bytes.size())));
  const std::size_t count = passed(given);
  position_ += count;
  step_.pass = count < given.size() ? 0 : step_.pass - count;
  return bytes.subspan(count);
}

Bytes StepFormat::read(Bytes bytes) {
  const std::size_t count = std::min(step_.read - held_, bytes.size());
  if (count == step_.read) {  // Nearly always: all of it is in this piece.
    take(bytes.first(count));
    return bytes.subspan(count);
  }
  std::ranges::copy(bytes.first(count), hold_.begin() + static_cast<std::ptrdiff_t>(held_));
  held_ += count;
  if (held_ == step_.read) take(Bytes(hold_).first(std::exchange(held_, 0)));
  return bytes.subspan(count);
}

void StepFormat::take(Bytes bytes) {
  position_ += bytes.size();
  step_ = next(bytes);
  progress_ = step_.progress;
  DOUTU_CHECK(step_.read <= kMaxRead);
}

}  // namespace doutu

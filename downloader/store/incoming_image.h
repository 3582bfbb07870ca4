// IncomingImage: the bytes of an image on their way into an ImageSink, one image after another. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

class IncomingImage {
 public:
  IncomingImage() = default;
  IncomingImage(IncomingImage&&) = delete;
  /// Discards what is not finished.
  virtual ~IncomingImage() = default;

  /// A new image; whatever is left of the last one is discarded.
  virtual void begin(std::int64_t id) = 0;
  /// Errors are the system's (Error::code is its errno), as for finish().
  virtual Status append(std::span<const std::byte> bytes) = 0;
  /// The image is whole: the sink holds it from now on, in place of one of an earlier run with this id. modified: the
  /// time that it has, where the sink has times; nullopt: that of the last write.
  virtual Status finish(std::optional<std::chrono::sys_seconds> modified) = 0;
  /// What was appended so far, to be read by another process. The sink does not hold it yet.
  [[nodiscard]] virtual Result<UniqueFd> open_for_reading() = 0;
  /// Nothing stays of what is not finished.
  virtual void discard() = 0;
};

}  // namespace doutu

// Bell: an eventfd that one side of a queue rings and the other waits for. A ring is a hint: whoever waits looks for
// itself what has changed, and a wait never lasts longer than kLongestWait, so a ring that was lost (its ringer was
// killed just before it) costs time, never progress. Any thread, any process that was handed the descriptor.
#pragma once

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

class Bell {
 public:
  /// A wait looks up at least this often.
  static constexpr milliseconds kLongestWait{500};

  /// Close-on-exec and non-blocking.
  static Result<Bell> create();
  /// Takes a descriptor that create() made, in this process or another; an error when it cannot be one.
  static Result<Bell> adopt(UniqueFd fd);

  void ring() const;
  /// Forgets the rings so far.
  void silence() const;
  /// Until the bell is rung, the deadline or kLongestWait, whichever comes first; silences it.
  void wait(MonoTime deadline) const;

  /// Readable from ring() to silence().
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] UniqueFd release() && { return std::move(fd_); }

 private:
  explicit Bell(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace doutu

// WakeEvent: an eventfd that one side of a queue signals and the other waits for. A signal is a hint: whoever waits
// looks for itself what has changed. A wait never lasts longer than kLongestWait. So a signal that was lost (its sender
// was killed just before it) costs time, never progress. Any thread of any process that has the descriptor.
#pragma once

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

class WakeEvent {
 public:
  /// A wait looks up at least this often.
  static constexpr milliseconds kLongestWait{500};

  /// Close-on-exec and non-blocking.
  static Result<WakeEvent> create();
  /// Takes a descriptor that create() made, in this process or another; an error when it cannot be one.
  static Result<WakeEvent> adopt(UniqueFd fd);

  void signal() const;
  /// Forgets the signals so far.
  void clear() const;
  /// Until it is signalled, the deadline or kLongestWait, whichever comes first; clears it.
  void wait(MonoTime deadline) const;

  /// Readable from signal() to clear().
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] UniqueFd release() && { return std::move(fd_); }

 private:
  explicit WakeEvent(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace doutu

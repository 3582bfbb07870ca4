// ParentLink: the downloader's end of its control channel. What it says waits here until the channel takes it, so that
// the ledger thread never waits for the parent. The ledger thread.
#pragma once

#include <deque>
#include <utility>

#include "shared/base/clock.h"
#include "shared/process/control.h"

namespace doutu {

class ParentLink {
 public:
  /// channel outlives this.
  explicit ParentLink(ControlChannel& channel) : channel_(channel) {}

  [[nodiscard]] int fd() const { return channel_.fd(); }
  [[nodiscard]] ControlChannel::Received receive(Message& message) { return channel_.receive(message); }

  void say(Message message) { unsent_.push_back(std::move(message)); }
  [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }
  /// Sends what the channel takes now. Nobody misses anything once it has ended.
  void flush();
  /// Sends everything, unless the parent does not read it in time.
  void flush_by(MonoTime deadline);

 private:
  ControlChannel& channel_;
  std::deque<Message> unsent_;
};

}  // namespace doutu

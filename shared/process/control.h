// The control channel between the parent and one child: a SOCK_SEQPACKET pair, which keeps message boundaries. One
// message (messages.h) is one packet, with at most three descriptors by SCM_RIGHTS. Its end-of-file tells the child to
// stop. One thread per end.
#pragma once

#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/process/message_codec.h"
#include "shared/process/messages.h"

namespace doutu {

enum class SendResult { ok, would_block, closed };

/// One end of a channel; non-blocking, close-on-exec.
class ControlChannel {
 public:
  /// Both ends of a new channel.
  static Result<std::pair<ControlChannel, ControlChannel>> create();
  explicit ControlChannel(UniqueFd fd) : fd_(std::move(fd)) {}

  /// Sends one message; the descriptors in fds are duplicated into the packet and stay with the caller. Those that a
  /// message has received are not sent.
  SendResult send(const Message& message, const std::vector<int>& fds = {});

  enum class Received { message, nothing, closed, damaged };
  /// Reads one message without waiting.
  Received receive(Message& message);

  /// Waits until a message can be read or the deadline has passed; for programs with nothing else to wait for. With a
  /// negative timeout never `nothing`.
  Received wait_receive(Message& message, int timeout_ms);

  [[nodiscard]] int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }

 private:
  UniqueFd fd_;
};

/// The descriptors that a child finds open when it starts.
inline constexpr int kControlFd = 3;
inline constexpr int kStatsFd = 4;
inline constexpr int kLaneFd = 5;  ///< Fetchers only: memfd, then the two eventfds.
inline constexpr int kLaneDataFd = 6;
inline constexpr int kLaneSpaceFd = 7;
inline constexpr int kRateFd = 8;    ///< Of fetchers and the downloader: the RateBudget.
inline constexpr int kDoubtsFd = 5;  ///< Of the downloader and of decoders: images in doubt.

}  // namespace doutu

// SocketWatch: the sockets of a curl multi handle, in an epoll set of their own. A connection stays in the set from one
// transfer to the next, so that the common path asks the kernel for nothing but what happened. Level-triggered: curl
// leaves bytes unread. One thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "shared/base/unique_fd.h"

namespace doutu {

class SocketWatch {
 public:
  /// Throws std::system_error when the system has no descriptor left.
  SocketWatch();

  /// Readable while something has happened: for the event loop.
  [[nodiscard]] int fd() const { return set_.get(); }
  /// What has happened, not all of it if it is much; until the next call.
  [[nodiscard]] std::span<const epoll_event> take_ready();
  /// -1: it was closed since. Its number may have come again.
  [[nodiscard]] int socket_of(const epoll_event& event) const;

  /// This one is a connection: what comes on it while nobody uses it is told too, so that it can stay where it is. Any
  /// other socket leaves the set when nobody uses it, and may be closed then without a word.
  void opened(int connection) { sockets_[connection] = {.is_connection = true, .serial = ++last_serial_}; }
  /// Before the connection is closed: its number may come again.
  void closed(int connection);

  /// Sets what a socket is used for: EPOLLIN, EPOLLOUT or both; 0: nothing now. False: the system refused.
  [[nodiscard]] bool wait_for(int socket, std::uint32_t events);
  /// 0 too for a socket that is not known.
  [[nodiscard]] std::uint32_t waits_for(int socket) const;
  /// Tells nothing more of a connection that nobody uses, until somebody does.
  void mute(int connection);

 private:
  struct Socket {
    bool is_connection = false;
    std::uint32_t serial = 0;  ///< Of all sockets that had this number, which.
    std::uint32_t wanted = 0;
    std::uint32_t told = 0;  ///< What the kernel knows; 0: the socket is not in the set.
  };

  UniqueFd set_;
  std::uint32_t last_serial_ = 0;
  std::unordered_map<int, Socket> sockets_;
  std::array<epoll_event, 64> events_{};
};

}  // namespace doutu

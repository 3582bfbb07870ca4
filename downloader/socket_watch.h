// SocketWatch: the sockets of a curl multi handle, in an epoll set of their own. A socket stays in the set from one
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
  /// What has happened, not all of it if it is much; until the next call. data.fd is the socket.
  [[nodiscard]] std::span<const epoll_event> happened();

  /// Sets what the transfer on a socket waits for: EPOLLIN, EPOLLOUT or both; 0: nobody uses it now, but if it stays
  /// open, what comes on it is still told. False: the system refused.
  [[nodiscard]] bool wait_for(int socket, std::uint32_t events);
  /// 0 too for a socket that is not known.
  [[nodiscard]] std::uint32_t waits_for(int socket) const;
  /// Nothing more is told of it, until wait_for(). Needed before it is closed, too: its number may come again.
  void forget(int socket);

 private:
  struct Socket {
    std::uint32_t wanted = 0;
    std::uint32_t told = 0;  ///< What the kernel knows; 0: the socket is not in the set.
  };

  UniqueFd set_;
  std::unordered_map<int, Socket> sockets_;
  std::array<epoll_event, 64> events_{};
};

}  // namespace doutu

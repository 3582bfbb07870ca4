#include "shared/process/control.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "shared/base/system_limits.h"

namespace doutu {
namespace {

/// Errors of a channel that stands: the same call may succeed in a moment.
bool is_passing(int code) { return code == EAGAIN || code == ENOBUFS || code == ENOMEM || code == ETOOMANYREFS; }

constexpr std::size_t kMaxFds = 3;

using FdBuffer = std::array<char, CMSG_SPACE(kMaxFds * sizeof(int))>;

void attach_fds(msghdr& packet, FdBuffer& buffer, const std::vector<int>& fds) {
  if (fds.empty()) return;
  packet.msg_control = buffer.data();
  packet.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
  cmsghdr* header = CMSG_FIRSTHDR(&packet);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
}

std::vector<UniqueFd> detach_fds(msghdr& packet) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* header = CMSG_FIRSTHDR(&packet); header != nullptr; header = CMSG_NXTHDR(&packet, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

void hand_over(std::vector<UniqueFd> fds, Message& message) {
  std::visit(
      [&fds](auto& kind) {
        if constexpr (requires { kind.fds; }) kind.fds = std::move(fds);
      },
      message);
}

}  // namespace

Result<std::pair<ControlChannel, ControlChannel>> ControlChannel::create() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) != 0) {
    return error_with_limit("cannot create a control channel");
  }
  return std::pair(ControlChannel(UniqueFd(fds[0])), ControlChannel(UniqueFd(fds[1])));
}

SendResult ControlChannel::send(const Message& message, const std::vector<int>& fds) {
  std::string bytes = encode(message);
  DOUTU_CHECK(bytes.size() <= kMaxPacket && fds.size() <= kMaxFds);
  iovec part{bytes.data(), bytes.size()};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  alignas(cmsghdr) FdBuffer buffer{};
  attach_fds(packet, buffer, fds);
  for (;;) {
    if (::sendmsg(fd_.get(), &packet, MSG_NOSIGNAL) >= 0) return SendResult::ok;
    if (errno == EINTR) continue;
    return is_passing(errno) ? SendResult::would_block : SendResult::closed;
  }
}

ControlChannel::Received ControlChannel::receive(Message& message) {
  std::array<char, kMaxPacket> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): most of it is never touched.
  iovec part{bytes.data(), bytes.size()};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  alignas(cmsghdr) FdBuffer buffer{};
  packet.msg_control = buffer.data();
  packet.msg_controllen = buffer.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(fd_.get(), &packet, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && is_passing(errno)) return Received::nothing;
  if (size <= 0) return Received::closed;
  std::vector<UniqueFd> fds = detach_fds(packet);
  auto decoded = decode({bytes.data(), static_cast<std::size_t>(size)});
  if (!decoded || (packet.msg_flags & MSG_TRUNC) != 0) return Received::damaged;
  message = *std::move(decoded);
  hand_over(std::move(fds), message);
  return Received::message;
}

ControlChannel::Received ControlChannel::wait_receive(Message& message, int timeout_ms) {
  pollfd waiting{fd_.get(), POLLIN, 0};
  for (;;) {
    const Received received = receive(message);
    if (received != Received::nothing) return received;
    if (::poll(&waiting, 1, timeout_ms) <= 0 && timeout_ms >= 0) return Received::nothing;
  }
}

}  // namespace doutu

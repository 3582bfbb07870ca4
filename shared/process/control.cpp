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

/// The fixed part of a packet. Both ends are programs of the same version: the parent starts its own siblings.
struct Header {
  std::uint32_t magic = kMagic;
  MessageKind kind{};
  std::uint64_t page = 0;
  std::uint64_t generation = 0;
  std::int64_t account = 0;
  std::int64_t image = 0;
  std::uint32_t attempt = 0;
  std::uint32_t images = 0;
  std::uint32_t retry_after_seconds = 0;
  std::uint16_t cause = 0;
  std::uint16_t http_status = 0;
  std::uint64_t elsewhere = 0;  // Of this width, so that no byte of the packet is padding.

  static constexpr std::uint32_t kMagic = 0x64637434;  // raise its last digit when the layout changes
};
static_assert(sizeof(Header) == 64 && std::is_trivially_copyable_v<Header>, "a changed layout needs another kMagic");

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

Header header_of(const Message& message) {
  Header header;
  header.kind = message.kind;
  header.page = message.page;
  header.generation = message.generation;
  header.account = message.account;
  header.image = message.image;
  header.attempt = message.attempt;
  header.images = message.images;
  header.retry_after_seconds = message.retry_after_seconds;
  header.cause = static_cast<std::uint16_t>(message.cause);
  header.http_status = message.http_status;
  header.elsewhere = message.elsewhere ? 1 : 0;
  return header;
}

bool fill(Message& message, const Header& header) {
  const auto cause = cause_from_number(header.cause);
  if (header.magic != Header::kMagic || !cause) return false;
  message.kind = header.kind;
  message.page = header.page;
  message.generation = header.generation;
  message.account = header.account;
  message.image = header.image;
  message.attempt = header.attempt;
  message.images = header.images;
  message.retry_after_seconds = header.retry_after_seconds;
  message.cause = *cause;
  message.http_status = header.http_status;
  message.elsewhere = header.elsewhere != 0;
  return true;
}

}  // namespace

Result<std::pair<ControlChannel, ControlChannel>> ControlChannel::create() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) != 0) {
    return error_with_limit("cannot make a control channel");
  }
  return std::pair(ControlChannel(UniqueFd(fds[0])), ControlChannel(UniqueFd(fds[1])));
}

SendResult ControlChannel::send(const Message& message, const std::vector<int>& fds) {
  DOUTU_CHECK(message.text.size() <= kMaxText && fds.size() <= kMaxFds);
  Header header = header_of(message);
  std::string text = message.text;
  std::array<iovec, 2> parts = {iovec{&header, sizeof header}, iovec{text.data(), text.size()}};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  alignas(cmsghdr) FdBuffer buffer{};
  attach_fds(packet, buffer, fds);
  for (;;) {
    if (::sendmsg(fd_.get(), &packet, MSG_NOSIGNAL) >= 0) return SendResult::ok;
    if (errno == EINTR) continue;
    return is_passing(errno) ? SendResult::would_block : SendResult::closed;
  }
}

ControlChannel::Received ControlChannel::receive(Message& message) {
  Header header;
  std::array<char, kMaxText> text;  // NOLINT(cppcoreguidelines-pro-type-member-init): most of it is never touched.
  std::array<iovec, 2> parts = {iovec{&header, sizeof header}, iovec{text.data(), text.size()}};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  alignas(cmsghdr) FdBuffer buffer{};
  packet.msg_control = buffer.data();
  packet.msg_controllen = buffer.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(fd_.get(), &packet, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && is_passing(errno)) return Received::nothing;
  if (size <= 0) return Received::closed;
  message.fds = detach_fds(packet);
  const auto bytes = static_cast<std::size_t>(size);
  if (bytes < sizeof header || (packet.msg_flags & MSG_TRUNC) != 0 || !fill(message, header)) return Received::damaged;
  message.text.assign(text.data(), bytes - sizeof header);
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

#include "downloader/transfer/socket_watch.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace doutu {

SocketWatch::SocketWatch() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!set_.valid()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

std::span<const epoll_event> SocketWatch::take_ready() {
  const int count = ::epoll_wait(set_.get(), events_.data(), static_cast<int>(events_.size()), 0);
  return std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
}

int SocketWatch::socket_of(const epoll_event& event) const {
  const int socket = static_cast<int>(event.data.u64 & 0xffffffffU);
  const auto known = sockets_.find(socket);
  return known != sockets_.end() && known->second.serial == event.data.u64 >> 32U ? socket : -1;
}

void SocketWatch::closed(int connection) {
  mute(connection);
  sockets_.erase(connection);
}

bool SocketWatch::wait_for(int socket, std::uint32_t events) {
  const auto [place, is_new] = sockets_.try_emplace(socket);
  Socket& known = place->second;
  if (is_new) known.serial = ++last_serial_;
  known.wanted = events;
  if (events == 0 && !known.is_connection) return closed(socket), true;
  // Between transfers a connection is left as it is: the next one most likely waits for the same.
  if (events == 0 || events == known.told) return true;
  epoll_event event{};
  event.events = events;
  event.data.u64 = std::uint64_t{known.serial} << 32U | static_cast<std::uint32_t>(socket);
  if (::epoll_ctl(set_.get(), known.told == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0) return false;
  known.told = events;
  return true;
}

std::uint32_t SocketWatch::waits_for(int socket) const {
  const auto known = sockets_.find(socket);
  return known == sockets_.end() ? 0 : known->second.wanted;
}

void SocketWatch::mute(int connection) {
  const auto known = sockets_.find(connection);
  if (known == sockets_.end() || known->second.told == 0) return;
  ::epoll_ctl(set_.get(), EPOLL_CTL_DEL, connection, nullptr);
  known->second.told = 0;
}

}  // namespace doutu

#include "downloader/socket_watch.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace doutu {

SocketWatch::SocketWatch() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!set_.valid()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

std::span<const epoll_event> SocketWatch::happened() {
  const int count = ::epoll_wait(set_.get(), events_.data(), static_cast<int>(events_.size()), 0);
  return std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
}

bool SocketWatch::wait_for(int socket, std::uint32_t events) {
  Socket& known = sockets_[socket];
  known.wanted = events;
  // Between transfers it is left as it is: the next one most likely waits for the same.
  if (events == 0 || events == known.told) return true;
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  const auto tell = [&](int operation) { return ::epoll_ctl(set_.get(), operation, socket, &event) == 0; };
  // One that was closed behind our back has left the set, and its number has come again.
  const bool is_told = known.told == 0 ? tell(EPOLL_CTL_ADD) : tell(EPOLL_CTL_MOD) || tell(EPOLL_CTL_ADD);
  if (is_told) known.told = events;
  return is_told;
}

std::uint32_t SocketWatch::waits_for(int socket) const {
  const auto known = sockets_.find(socket);
  return known == sockets_.end() ? 0 : known->second.wanted;
}

void SocketWatch::forget(int socket) {
  if (sockets_.erase(socket) > 0) ::epoll_ctl(set_.get(), EPOLL_CTL_DEL, socket, nullptr);
}

}  // namespace doutu

#include "tests/shared/http/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <tuple>

#include "shared/base/check.h"

namespace doutu {
namespace {

/// A socket at a free loopback port, and the port.
std::pair<UniqueFd, std::uint16_t> bind_loopback() {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  DOUTU_CHECK(bind(fd.get(), any, size) == 0 && getsockname(fd.get(), any, &size) == 0);
  return {std::move(fd), ntohs(address.sin_port)};
}

/// The same for every address: an IPv6 socket that takes IPv4 as well.
std::pair<UniqueFd, std::uint16_t> bind_everywhere() {
  UniqueFd fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int off = 0;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  DOUTU_CHECK(setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0);
  DOUTU_CHECK(bind(fd.get(), any, size) == 0 && getsockname(fd.get(), any, &size) == 0);
  return {std::move(fd), ntohs(address.sin6_port)};
}

/// flags: of send(), beside those that are always set.
bool send_all(int fd, std::string_view bytes, int flags = 0) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | flags);
    if (sent < 0) return false;  // The client went away, as some tests want it to.
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void end_with_reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

std::string http_answer(const std::string& body, const std::string& header_lines, const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + header_lines + "\r\n" +
         body;
}

std::string refusing_url() { return "http://127.0.0.1:" + std::to_string(bind_loopback().second) + "/"; }

RawServer::RawServer(Handler handler, Listens listens) : handler_(std::move(handler)), stop_(eventfd(0, EFD_CLOEXEC)) {
  std::tie(listener_, port_) = listens == Listens::everywhere ? bind_everywhere() : bind_loopback();
  DOUTU_CHECK(listen(listener_.get(), 64) == 0);
  thread_ = std::jthread([this] { serve(); });
}

RawServer::RawServer(Handler handler, std::string greeting)
    : handler_(std::move(handler)), greeting_(std::move(greeting)), stop_(eventfd(0, EFD_CLOEXEC)) {
  std::tie(listener_, port_) = bind_loopback();
  DOUTU_CHECK(listen(listener_.get(), 64) == 0);
  thread_ = std::jthread([this] { serve(); });
}

RawServer::~RawServer() { eventfd_write(stop_.get(), 1); }

std::string RawServer::url(const std::string& path, const std::string& host) const {
  return "http://" + host + ":" + std::to_string(port_) + path;
}

std::vector<std::string> RawServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t RawServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void RawServer::serve() {
  while (true) {
    std::vector<pollfd> polled{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Connection& connection : open_) polled.push_back({connection.fd.get(), POLLIN, 0});
    poll(polled.data(), polled.size(), -1);
    if (polled[0].revents != 0) return;
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (polled[i + 2].revents != 0 && !answer_one(open_[i]))
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (polled[1].revents != 0) accept_one();
  }
}

void RawServer::accept_one() {
  open_.push_back({UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)), {}});
  send_all(open_.back().fd.get(), greeting_);
  const std::lock_guard lock(mutex_);
  ++connections_;
}

bool RawServer::answer_one(Connection& connection) {
  std::array<char, 65536> buffer{};
  const ssize_t count = recv(connection.fd.get(), buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  connection.received.append(buffer.data(), static_cast<std::size_t>(count));
  const bool is_tls = connection.received.starts_with('\x16');
  if (!is_tls && !connection.received.ends_with("\r\n\r\n")) return true;
  const std::string request = std::exchange(connection.received, {});
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  const RawAnswer answer = handler_(request);
  // The last bytes go out together with the end of the connection: no client can take it for one that stays open.
  const int flags = answer.then == RawAnswer::Then::close ? MSG_MORE : 0;
  if (!send_all(connection.fd.get(), answer.bytes, flags)) return false;
  if (answer.then == RawAnswer::Then::reset) end_with_reset(connection.fd.get());
  return answer.then == RawAnswer::Then::keep_alive || answer.then == RawAnswer::Then::hold_open;
}

}  // namespace doutu

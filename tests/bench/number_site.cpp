#include "tests/bench/number_site.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <optional>
#include <system_error>

namespace doutu {
namespace {

constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10U;
constexpr std::string_view kList = "/list/?page=";
constexpr std::string_view kPhoto = "/photo/";
constexpr std::string_view kUploads = "/uploads/2019/03/04/";
constexpr std::string_view kSuffix = ".gif";

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

/// The number that is all of text between prefix and suffix.
std::optional<std::uint64_t> number_in(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (!text.starts_with(prefix) || !text.ends_with(suffix) || text.size() <= prefix.size() + suffix.size()) return {};
  text = text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

void put_answer(std::string& out, std::string_view status, std::string_view type, std::string_view body) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status,
                 type, body.size(), body);
}

UniqueFd listening_socket() {
  UniqueFd listener(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "bind");
  checked(::listen(listener.get(), 4096), "listen");
  return listener;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  checked(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return ntohs(address.sin_port);
}

void watch(int epoll, int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  checked(::epoll_ctl(epoll, operation, fd, &event), "epoll_ctl");
}

}  // namespace

NumberSite::NumberSite(std::uint64_t images_per_page)
    : images_per_page_(images_per_page),
      listener_(listening_socket()),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      port_(port_of(listener_.get())),
      prefix_(fmt::format("http://127.0.0.1:{}{}", port_, kUploads)) {
  watch(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
}

void NumberSite::run(int life) {
  watch(epoll_.get(), EPOLL_CTL_ADD, life, EPOLLIN);
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events.at(static_cast<std::size_t>(i));
      if (event.data.fd == life) return;
      if (event.data.fd == listener_.get()) {
        accept();
        continue;
      }
      const auto found = connections_.find(event.data.fd);
      if (serve(found->second, event.events) == Goes::away) connections_.erase(found);
    }
  }
}

void NumberSite::accept() {
  const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  connections_[fd].socket = UniqueFd(fd);
  watch(epoll_.get(), EPOLL_CTL_ADD, fd, EPOLLIN);
}

NumberSite::Goes NumberSite::serve(Connection& connection, std::uint32_t events) {
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0) {
    if (receive(connection) == Goes::away) return Goes::away;
    answer_all(connection);
  }
  return send(connection);
}

NumberSite::Goes NumberSite::receive(Connection& connection) {
  std::array<char, 16 << 10> bytes;  // NOLINT: what was not received is not read.
  const ssize_t count = ::recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
  if (count < 0) return errno == EAGAIN || errno == EINTR ? Goes::on : Goes::away;
  connection.input.append(bytes.data(), static_cast<std::size_t>(count));
  return count == 0 || connection.input.size() > kMaxHeadBytes ? Goes::away : Goes::on;
}

NumberSite::Goes NumberSite::send(Connection& connection) {
  if (connection.output.empty()) return Goes::on;
  const int fd = connection.socket.get();
  const ssize_t sent = ::send(fd, connection.output.data(), connection.output.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return Goes::away;
  if (sent > 0) connection.output.erase(0, static_cast<std::size_t>(sent));
  if (connection.output.empty() == connection.waits_to_send) {
    connection.waits_to_send = !connection.output.empty();
    watch(epoll_.get(), EPOLL_CTL_MOD, fd, connection.waits_to_send ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
  return Goes::on;
}

/// Of a request only the target counts.
void NumberSite::answer_all(Connection& connection) {
  std::string_view rest = connection.input;
  for (std::size_t end = rest.find("\r\n\r\n"); end != std::string_view::npos; end = rest.find("\r\n\r\n")) {
    const std::string_view line = rest.substr(0, rest.find('\r'));
    const std::size_t blank = std::min(line.find(' '), line.size() - 1);
    answer(line.substr(blank + 1, line.rfind(' ') - blank - 1), connection.output);
    rest.remove_prefix(end + 4);
  }
  connection.input.erase(0, connection.input.size() - rest.size());
}

void NumberSite::answer(std::string_view target, std::string& out) {
  if (const auto number = number_in(target, kUploads, kSuffix); number && *number < kNumbers)
    return image(*number, out);
  if (const auto page = number_in(target, kList, ""); page && *page > 0) return list_page(*page, out);
  if (const auto number = number_in(target, kPhoto, ""); number && *number < kNumbers) return photo_page(*number, out);
  if (target == "/counters") {
    const auto& [pages, images, again, photos] = counters_;
    return put_answer(
        out, "200 OK", "application/json",
        fmt::format(R"({{"pages":{},"images":{},"again":{},"photos":{}}})", pages, images, again, photos));
  }
  put_answer(out, "404 Not Found", "text/plain", "Not here.\n");
}

void NumberSite::list_page(std::uint64_t page, std::string& out) {
  ++counters_.pages;
  body_ = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>List</title></head><body>\n<ul>\n";
  const std::uint64_t first = (page - 1) * images_per_page_;
  for (std::uint64_t number = first; number < first + images_per_page_; ++number) {
    fmt::format_to(std::back_inserter(body_),
                   "<li class=\"list-group-item\"><a href=\"/photo/{0}\"><img referrerpolicy=\"no-referrer\" "
                   "src=\"/static/loader.gif\" data-original=\"{1}\" alt=\"{0}\"></a></li>\n",
                   number, url_of(number));
  }
  body_ += "</ul>\n</body></html>\n";
  put_answer(out, "200 OK", "text/html; charset=utf-8", body_);
}

std::string NumberSite::url_of(std::uint64_t number) const {
  return fmt::format("{}{:0{}}{}", prefix_, number, kUrlLength - prefix_.size() - kSuffix.size(), kSuffix);
}

void NumberSite::photo_page(std::uint64_t number, std::string& out) {
  ++counters_.photos;
  put_answer(out, "200 OK", "text/html; charset=utf-8",
             fmt::format("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{0}</title></head><body>\n"
                         "<h1>{0}</h1><img class=\"photo\" src=\"{1}\" alt=\"{0}\">\n</body></html>\n",
                         number, url_of(number)));
}

/// A GIF89a of one pixel with its number in a comment (sections 18 to 24).
void NumberSite::image(std::uint64_t number, std::string& out) {
  using namespace std::string_view_literals;
  if (number >= served_.size()) served_.resize(number + 1);
  ++counters_.images;
  if (served_[number]) ++counters_.again;
  served_[number] = true;

  body_ = "GIF89a\1\0\1\0\x80\0\0\xff\xff\xff\0\0\0"sv;
  fmt::format_to(std::back_inserter(body_), "!\xfe\x0a{:010}{}", number, '\0');
  body_ += ",\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;"sv;
  put_answer(out, "200 OK", "image/gif", body_);
}

}  // namespace doutu

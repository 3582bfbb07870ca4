#include "crawler/demo/site_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <map>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxHeadBytes = std::size_t{64} * 1024;

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

/// Reads a request's head; a line that makes no sense gives empty fields, which no site has an answer for.
SiteRequest parse_head(std::string_view head) {
  SiteRequest request;
  const std::string_view first = next_line(head);
  const std::size_t blank = first.find(' ');
  request.method = first.substr(0, blank);
  if (blank != std::string_view::npos) request.target = first.substr(blank + 1, first.rfind(' ') - blank - 1);
  for (std::string_view line = next_line(head); !line.empty(); line = next_line(head)) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
    request.headers.emplace_back(ascii_lower(line.substr(0, colon)), line.substr(value));
  }
  return request;
}

/// 0 where none is said.
std::size_t body_length(const SiteRequest& request) {
  const std::string_view said = request.header("content-length");
  std::size_t length = 0;
  (void)std::from_chars(said.data(), said.data() + said.size(), length);
  return length;
}

class Connection final : public SiteExchange, public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, std::uint64_t number, const SiteServer::Handler& handler)
      : number_(number), handler_(handler), socket_(std::move(socket)) {}

  void read() {
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, kMaxHeadBytes), "\r\n\r\n",
                           [self = shared_from_this()](error_code error, std::size_t length) {
                             if (!error) self->take(length);
                           });
  }

  void abort() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  [[nodiscard]] const SiteRequest& request() const override { return request_; }

  void send(std::string bytes, std::function<void()> sent) override {
    output_ = std::move(bytes);
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this(), sent = std::move(sent)](error_code error, std::size_t) {
                        if (!error) sent();
                      });
  }

  void finish(Then then) override {
    if (then == Then::keep) return read();
    if (then == Then::reset) return abort();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

 private:
  void take(std::size_t length) {
    request_ = parse_head(std::string_view(input_).substr(0, length));
    request_.connection = number_;
    input_.erase(0, length);
    take_body();
  }

  /// A form, as the length in its head says.
  void take_body() {
    const std::size_t missing = std::min(body_length(request_), kMaxHeadBytes);
    const std::size_t left = missing - std::min(missing, input_.size());
    asio::async_read(socket_, asio::dynamic_buffer(input_), asio::transfer_exactly(left),
                     [self = shared_from_this(), missing](error_code error, std::size_t) {
                       if (error) return;
                       self->request_.body = self->input_.substr(0, missing);
                       self->input_.erase(0, missing);
                       self->handler_(self);
                     });
  }

  const std::uint64_t number_;
  const SiteServer::Handler& handler_;
  tcp::socket socket_;
  std::string input_, output_;
  SiteRequest request_;
};

}  // namespace

class SiteServer::Impl {
 public:
  Impl(Handler handler, std::uint16_t port)
      : handler_(std::move(handler)), reservation_(bound(port)), endpoint_(reservation_.local_endpoint()) {
    come_back();
  }

  void go_down() {
    acceptor_.close();
    for (auto& [number, weak] : connections_) {
      if (const auto connection = weak.lock()) connection->abort();
    }
    connections_.clear();
  }

  void come_back() {
    acceptor_ = bound(endpoint_.port());
    acceptor_.listen(1024);
    accept();
  }

  void after(std::chrono::milliseconds delay, std::function<void()> work) {
    auto timer = std::make_shared<asio::steady_timer>(io_, delay);
    timer->async_wait([timer, work = std::move(work)](error_code error) {
      if (!error) work();
    });
  }

  Handler handler_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> until_stopped_{io_.get_executor()};
  tcp::acceptor reservation_;  ///< Bound, never listening: while the server is down nobody else gets its port.
  tcp::endpoint endpoint_;
  tcp::acceptor acceptor_{io_};

 private:
  tcp::acceptor bound(std::uint16_t port) {
    tcp::acceptor acceptor(io_, tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind({asio::ip::address_v4::loopback(), port});
    return acceptor;
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (!error) begin(std::move(socket));
      accept();
    });
  }

  void begin(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::erase_if(connections_, [](const auto& entry) { return entry.second.expired(); });
    const auto connection = std::make_shared<Connection>(std::move(socket), ++accepted_, handler_);
    connections_[accepted_] = connection;
    connection->read();
  }

  std::uint64_t accepted_ = 0;
  std::map<std::uint64_t, std::weak_ptr<Connection>> connections_;
};

std::string_view SiteRequest::header(std::string_view lower_case_name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& pair) { return pair.first == lower_case_name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string http_status_line(int status) {
  static const std::map<int, std::string_view> reasons = {{200, "OK"},
                                                          {301, "Moved Permanently"},
                                                          {302, "Found"},
                                                          {403, "Forbidden"},
                                                          {404, "Not Found"},
                                                          {429, "Too Many Requests"},
                                                          {410, "Gone"},
                                                          {500, "Internal Server Error"},
                                                          {503, "Service Unavailable"}};
  const auto found = reasons.find(status);
  return std::to_string(status) + " " + std::string(found == reasons.end() ? "Status" : found->second);
}

std::string http_answer(int status, std::string_view type, std::string_view body) {
  std::string answer = "HTTP/1.1 " + http_status_line(status) + "\r\nContent-Type: " + std::string(type) +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return answer.append(body);
}

SiteServer::SiteServer(Handler handler, std::uint16_t port) : impl_(std::make_unique<Impl>(std::move(handler), port)) {}
SiteServer::~SiteServer() = default;
std::uint16_t SiteServer::port() const { return impl_->endpoint_.port(); }
void SiteServer::run() { impl_->io_.run(); }
void SiteServer::stop() { impl_->io_.stop(); }
void SiteServer::post(std::function<void()> work) { asio::post(impl_->io_, std::move(work)); }
void SiteServer::after(std::chrono::milliseconds delay, std::function<void()> work) {
  impl_->after(delay, std::move(work));
}
void SiteServer::go_down() { impl_->go_down(); }
void SiteServer::come_back() { impl_->come_back(); }

}  // namespace doutu

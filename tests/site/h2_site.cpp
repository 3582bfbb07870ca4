#include "tests/site/h2_site.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): pthread_sigmask
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>

#include "shared/base/check.h"

namespace doutu {
namespace {

// RFC 9113 section 6.
constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kReset = 3;
constexpr std::uint8_t kSettings = 4;
constexpr std::uint8_t kPing = 6;
constexpr std::uint8_t kGoaway = 7;
constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kAck = 1;
constexpr std::uint8_t kEndHeaders = 4;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHead = 9;

std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(value >> (8 * bytes) & 0xFFU);
  return text;
}

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::string encode(const H2Frame& frame, std::uint32_t stream) {
  std::string bytes = big_endian(frame.payload.size(), 3);
  bytes += static_cast<char>(frame.type);
  bytes += static_cast<char>(frame.flags);
  return bytes + big_endian(frame.on == H2Frame::On::stream ? stream : 0, 4) + frame.payload;
}

int choose_h2(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
              unsigned offered_size, void* /*context*/) {
  const std::string_view offer(reinterpret_cast<const char*>(offered), offered_size);
  const std::size_t at = offer.find("\x02h2");
  if (at == std::string_view::npos) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = offered + at + 1;
  *chosen_size = 2;
  return SSL_TLSEXT_ERR_OK;
}

/// A client that has gone must be an error of the write, not a signal.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

H2Frame h2_head(const std::string& content_length, H2Then then) {
  const std::uint8_t end = then == H2Then::stream_ends ? kEndStream : 0;
  // RFC 7541 appendix A: 8 is ":status: 200", 28 "content-length", here as a literal that is not indexed
  // (section 6.2.2).
  std::string block = "\x88";
  if (!content_length.empty()) block += "\x0f\x0d" + big_endian(content_length.size(), 1) + content_length;
  return {.type = kHeaders, .flags = static_cast<std::uint8_t>(kEndHeaders | end), .payload = block};
}

H2Frame h2_redirect(const std::string& location) {
  // ":status" is 8 and "location" 46 in the static table, both here as literals that are not indexed.
  const std::string block =
      "\x08\x03"
      "302"
      "\x0f\x1f" +
      big_endian(location.size(), 1) + location;
  return {.type = kHeaders, .flags = static_cast<std::uint8_t>(kEndHeaders | kEndStream), .payload = block};
}

H2Frame h2_data(std::string_view bytes, H2Then then) {
  return {.type = kData,
          .flags = then == H2Then::stream_ends ? kEndStream : std::uint8_t{0},
          .payload = std::string(bytes)};
}

H2Frame h2_reset(std::uint32_t code) { return {.type = kReset, .payload = big_endian(code, 4)}; }

H2Frame h2_goaway(std::uint32_t code, std::uint32_t last_stream) {
  return {.type = kGoaway, .payload = big_endian(last_stream, 4) + big_endian(code, 4), .on = H2Frame::On::connection};
}

/// One client, from its handshake to its end. The thread that serves it.
class H2Site::Connection {
 public:
  Connection(SSL_CTX* context, int socket) : ssl_(SSL_new(context)), socket_(socket) { SSL_set_fd(ssl_, socket); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { SSL_free(ssl_); }

  [[nodiscard]] bool begin() {
    return SSL_accept(ssl_) == 1 && send({.type = kSettings, .on = H2Frame::On::connection}, 0) &&
           have(kPreface.size()) && take(kPreface.size()) == kPreface;
  }

  struct Request {
    std::uint32_t stream = 0;
    std::string header_block;
  };
  /// The next request; what else the client sends is answered as it must be.
  [[nodiscard]] std::optional<Request> next() {
    while (have(kFrameHead)) {
      const std::string head = take(kFrameHead);
      const std::size_t size = number(std::string_view(head).substr(0, 3));
      if (!have(size)) break;
      const std::string payload = take(size);
      const auto type = static_cast<std::uint8_t>(head[3]);
      const bool is_ack = (static_cast<std::uint8_t>(head[4]) & kAck) != 0;
      if (type == kHeaders) return Request{number(std::string_view(head).substr(5)), payload};
      if (type == kSettings && !is_ack) send({.type = kSettings, .flags = kAck, .on = H2Frame::On::connection}, 0);
      if (type == kPing && !is_ack) {
        send({.type = kPing, .flags = kAck, .payload = payload, .on = H2Frame::On::connection}, 0);
      }
    }
    return std::nullopt;
  }

  bool send(const H2Frame& frame, std::uint32_t stream) {
    const std::string bytes = encode(frame, stream);
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  void drop() const { shutdown(socket_, SHUT_RDWR); }

 private:
  /// Reads until so many bytes are there; false at the end of the connection.
  bool have(std::size_t size) {
    std::array<char, 16384> buffer{};
    while (input_.size() < size) {
      const int count = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
      if (count <= 0) return false;
      input_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return true;
  }

  std::string take(std::size_t size) {
    std::string taken = input_.substr(0, size);
    input_.erase(0, size);
    return taken;
  }

  SSL* const ssl_;
  const int socket_;
  std::string input_;
};

H2Site::H2Site(Certificate::Kind kind)
    : certificate_(kind),
      context_(SSL_CTX_new(TLS_server_method())),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  certificate_.install(context_.get());
  SSL_CTX_set_alpn_select_cb(context_.get(), choose_h2, nullptr);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  DOUTU_CHECK(bind(listener_.get(), any, size) == 0 && getsockname(listener_.get(), any, &size) == 0);
  DOUTU_CHECK(listen(listener_.get(), 64) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

H2Site::~H2Site() {
  shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (const UniqueFd& socket : sockets_) shutdown(socket.get(), SHUT_RDWR);
  threads_.clear();
}

std::string H2Site::url(std::string_view path) const {
  return "https://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void H2Site::respond(const std::string& path, std::vector<H2Answer> answers) {
  const std::lock_guard lock(mutex_);
  std::reverse(answers.begin(), answers.end());
  answers_[path] = std::move(answers);
}

std::size_t H2Site::count(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = asked_.find(path);
  return found == asked_.end() ? 0 : found->second;
}

std::size_t H2Site::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void H2Site::accept_all() {
  while (true) {
    UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.get() < 0) return;
    const std::lock_guard lock(mutex_);
    const int fd = socket.get();
    sockets_.push_back(std::move(socket));
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void H2Site::serve(int socket) {
  block_sigpipe();
  Connection connection(context_.get(), socket);
  if (!connection.begin()) return connection.drop();
  {
    const std::lock_guard lock(mutex_);
    ++connections_;
  }
  while (const auto request = connection.next()) {
    const H2Answer answer = take(request->header_block);
    for (const H2Frame& frame : answer.frames) connection.send(frame, request->stream);
    if (answer.ending == H2Answer::Ending::drop) break;
  }
  connection.drop();
}

H2Answer H2Site::take(const std::string& header_block) {
  const std::lock_guard lock(mutex_);
  for (auto& [path, answers] : answers_) {
    // ":path" (4) as a literal that is not indexed, and its length.
    if (header_block.find("\x04" + big_endian(path.size(), 1) + path) == std::string::npos) continue;
    ++asked_[path];
    H2Answer answer = answers.back();
    if (answers.size() > 1) answers.pop_back();
    return answer;
  }
  return {.frames = {h2_reset(1)}};
}

}  // namespace doutu

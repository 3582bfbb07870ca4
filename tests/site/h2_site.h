// H2Site: an HTTP/2 server over TLS on loopback (RFC 9113) whose every frame a test decides. A thread for each
// connection. It understands of HTTP/2 what it needs to answer curl, and nothing more.
//
// It reads no Huffman code (RFC 7541 section 5.2), which clients use where it is shorter: paths must be a slash, any
// number of the letters X and Z, and at most one digit, which are as short without.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "shared/base/unique_fd.h"
#include "tests/site/certificate.h"

namespace doutu {

/// A frame on the stream of the request, or on the connection (stream 0).
struct H2Frame {
  enum class On { stream, connection };

  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::string payload{};
  On on = On::stream;
};

enum class H2Then { stream_goes_on, stream_ends };

/// HEADERS of a 200 with this content-length; none when it is empty.
[[nodiscard]] H2Frame h2_head(const std::string& content_length, H2Then then = H2Then::stream_goes_on);
/// HEADERS of a 302 without a body; location: at most 100 bytes.
[[nodiscard]] H2Frame h2_redirect(const std::string& location);
/// DATA; bytes: at most 16,384.
[[nodiscard]] H2Frame h2_data(std::string_view bytes, H2Then then = H2Then::stream_goes_on);
/// RST_STREAM and GOAWAY with an error code of RFC 9113 section 7.
[[nodiscard]] H2Frame h2_reset(std::uint32_t code);
[[nodiscard]] H2Frame h2_goaway(std::uint32_t code, std::uint32_t last_stream);

struct H2Answer {
  std::vector<H2Frame> frames;
  enum class Ending {
    keep_alive,
    drop,  ///< The TCP connection ends; TLS is told nothing.
  };
  Ending ending = Ending::keep_alive;
};

class H2Site {
 public:
  explicit H2Site(Certificate::Kind kind = Certificate::Kind::good);
  H2Site(const H2Site&) = delete;
  H2Site& operator=(const H2Site&) = delete;
  ~H2Site();

  /// "https://127.0.0.1:PORT" + path.
  [[nodiscard]] std::string url(std::string_view path) const;
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  /// The first request gets the first answer and so on; the last one is given for ever. What has none is RST_STREAM.
  void respond(const std::string& path, std::vector<H2Answer> answers);
  /// Requests for path so far.
  [[nodiscard]] std::size_t count(const std::string& path) const;
  /// Connections on which TLS was established.
  [[nodiscard]] std::size_t connections() const;

 private:
  class Connection;
  struct Context {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  void accept_all();
  void serve(int socket);
  H2Answer take(const std::string& header_block);

  const Certificate certificate_;
  const std::unique_ptr<SSL_CTX, Context> context_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;                              // Protects what follows.
  std::map<std::string, std::vector<H2Answer>> answers_;  ///< The next one last.
  std::map<std::string, std::size_t> asked_;
  std::size_t connections_ = 0;
  std::vector<UniqueFd> sockets_;
  std::vector<std::jthread> threads_;

  std::jthread acceptor_;
};

}  // namespace doutu

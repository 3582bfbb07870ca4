// RawServer: an HTTP server for tests of one connection's worth of detail: the test decides every byte of every answer,
// and how the connection ends. Loopback (or wherever it is told to listen), a port of its own, one thread that the
// destructor joins.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/unique_fd.h"

namespace doutu {

struct RawAnswer {
  enum class Then { close, keep_alive, reset, hold_open };

  std::string bytes;
  Then then = Then::close;
};

/// "HTTP/1.1 200 OK" with a Content-Length, more header lines (each with its line end) and a body.
std::string http_answer(const std::string& body, const std::string& header_lines = "",
                        const std::string& status = "200 OK");

class RawServer {
 public:
  /// Called on the server's thread with the head of a request ("GET /x HTTP/1.1\r\n..."), or with
  /// the greeting of a client that wants TLS.
  using Handler = std::function<RawAnswer(const std::string& request)>;

  /// Where it listens: 127.0.0.1, or every address of the network, of IPv4 and IPv6.
  enum class Listens { on_loopback, everywhere };

  explicit RawServer(Handler handler, Listens listens = Listens::on_loopback);
  /// Says greeting on every connection before anything was asked.
  RawServer(Handler handler, std::string greeting);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

  /// "http://127.0.0.1:PORT" + path.
  [[nodiscard]] std::string url(const std::string& path, const std::string& host = "127.0.0.1") const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Heads of the requests so far. Any thread.
  [[nodiscard]] std::vector<std::string> requests() const;
  /// Number of connections so far. Any thread.
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Connection {
    UniqueFd fd;
    std::string received;
  };

  void serve();
  void accept_one();
  /// False when the connection is over.
  bool answer_one(Connection& connection);

  const Handler handler_;
  const std::string greeting_;
  const UniqueFd stop_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::vector<Connection> open_;  // The server's thread.

  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // Under mutex_.
  std::size_t connections_ = 0;        // Under mutex_.

  std::jthread thread_;
};

/// A loopback URL at whose port nobody listens.
std::string refusing_url();

}  // namespace doutu

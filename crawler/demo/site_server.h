// SiteServer: just enough of HTTP/1.1 to be a web site on loopback, for the demo and for tests. It reads requests and
// leaves the answers, bytes as they are, to its owner; so an answer may be late, torn or wrong. One thread runs run(),
// which calls the handler and everything given to post() and after(); any thread may call the rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doutu {

struct SiteRequest {
  std::uint64_t connection = 0;  ///< 1 for the first that the server accepted.
  std::string method;
  std::string target;                                        ///< "/photo/list/?page=1", as the client sent it.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body{};

  /// Empty when there is no such header.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
};

/// One request and the way back. Dropping it unfinished closes the connection. The thread of run() only.
class SiteExchange {
 public:
  virtual ~SiteExchange() = default;
  [[nodiscard]] virtual const SiteRequest& request() const = 0;

  /// Sends bytes, then calls sent; never calls it when the client has gone. One at a time.
  virtual void send(std::string bytes, std::function<void()> sent) = 0;

  enum class Then {
    keep,   ///< Read the next request of this connection.
    close,  ///< Close it.
    reset,  ///< Close it as a crashed server would (RST).
  };
  virtual void finish(Then then) = 0;
};

/// A whole answer: status line, Content-Length, the given type and body.
[[nodiscard]] std::string http_answer(int status, std::string_view type, std::string_view body);
/// "404 Not Found".
[[nodiscard]] std::string http_status_line(int status);

class SiteServer {
 public:
  using Handler = std::function<void(std::shared_ptr<SiteExchange>)>;

  /// Listens on 127.0.0.1, at a free port when port is 0. Throws boost::system::system_error when it cannot.
  explicit SiteServer(Handler handler, std::uint16_t port = 0);
  ~SiteServer();

  [[nodiscard]] std::uint16_t port() const;
  /// Serves until stop().
  void run();
  void stop();
  void post(std::function<void()> work);
  /// The thread of run() only.
  void after(std::chrono::milliseconds delay, std::function<void()> work);
  /// Refuses connections and breaks off all that are open; or takes them again. The thread of run() only.
  void go_down();
  void come_back();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace doutu

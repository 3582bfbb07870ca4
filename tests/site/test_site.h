// TestSite: a real web server on loopback that does what a test tells it to, in a thread of its own. Every path has a
// literal list of answers; what has none is 404. Every function may be called by any thread at any time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doutu {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Response {
  int status = 200;
  Headers headers{};  ///< Content-Length is added where there is none.
  std::string body{};
  std::string raw{};                       ///< Not empty: these bytes, in place of status, headers and body.
  std::chrono::milliseconds delay{0};      ///< Before the first byte.
  std::optional<std::size_t> cut_after{};  ///< So many bytes of the body, then what `ending` says.
  std::string again{};                     ///< Not empty: then these bytes, again and again, in place of an ending.
  std::chrono::milliseconds again_every{0};
  enum class Ending {
    keep_alive,
    close,
    reset,
    hang,
    close_at_next,  ///< Like keep_alive, but the connection's next request is read and not answered: it closes.
  };
  Ending ending = Ending::keep_alive;
};

/// A request that the site met.
struct Hit {
  std::chrono::steady_clock::time_point asked;
  std::optional<std::chrono::steady_clock::time_point> answered;  ///< The last byte was handed to the kernel.
  std::uint64_t connection = 0;                                   ///< 1 for the first.
  std::string path;                                               ///< With its query, as it came.
  Headers headers;                                                ///< Names in lower case.
  std::string method{};
  std::string body{};
  [[nodiscard]] std::string header(std::string_view lower_case_name) const;
};

class TestSite {
 public:
  TestSite();
  ~TestSite();

  /// "http://127.0.0.1:PORT" + path.
  [[nodiscard]] std::string url(std::string_view path = "") const;
  [[nodiscard]] std::uint16_t port() const;

  // --- What it answers.

  void page(const std::string& path, std::string html);
  /// An image, with the Content-Type of the path's ending.
  void file(const std::string& path, std::string bytes);
  void respond(const std::string& path, Response response);
  /// The first request gets the first response and so on; the last one is given for ever. A path that is a query alone
  /// ("?7") stands for every path with that query that has no responses of its own.
  void respond(const std::string& path, std::vector<Response> responses);
  /// Is asked about each request first; what it says is answered, nullopt: what is above. On the site's thread.
  using Decide = std::function<std::optional<Response>(const Hit&)>;
  void decide(Decide decide);
  /// Every answer waits so long, beside its own delay.
  void delay_all(std::chrono::milliseconds delay);

  // --- When.

  /// Requests for path are not answered until release(path).
  void hold(const std::string& path);
  void release(const std::string& path);
  /// Refuses connections and breaks off those that are open; or serves again, at the same port.
  void go_down();
  void come_back();

  // --- What it met.

  [[nodiscard]] std::vector<Hit> log() const;
  [[nodiscard]] std::size_t count(std::string_view path) const;
  /// Requests for paths that begin so.
  [[nodiscard]] std::size_t count_under(std::string_view prefix) const;
  void forget_log();
  /// Waits until path was asked for at least so many times; false when it was not within the time.
  [[nodiscard]] bool wait_for(std::string_view path, std::size_t times = 1,
                              std::chrono::seconds limit = std::chrono::seconds(30)) const;
  [[nodiscard]] bool wait_for_under(std::string_view prefix, std::size_t times,
                                    std::chrono::seconds limit = std::chrono::seconds(30)) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace doutu

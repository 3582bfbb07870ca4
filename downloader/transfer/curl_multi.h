// CurlMulti: a curl multi handle driven by an Asio event loop (curl's multi-socket interface): the loop waits for the
// sockets and for curl's one timer, curl does the rest. Belongs to the thread that runs the io_context.
//
// A connection carries one transfer at a time, also over HTTP/2. libcurl takes what one connection to a server speaks
// for what all of them speak, so beside an HTTP/2 connection it would put a second request on an HTTP/1.1 connection
// that is in use, and each transfer would get the answer to the other (curl issue 4885).
//
// The rules it lives by: curl owns the sockets; curl is never entered from one of its own callbacks; what has happened
// is dealt with in turns, so that what one turn starts goes out together.
#pragma once

#include <curl/curl.h>
#include <poll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "downloader/transfer/socket_watch.h"
#include "shared/base/clock.h"
#include "shared/http/http_client.h"

namespace doutu {

class CurlMulti {
 public:
  /// The transfer ended; its handle is out of the multi handle again.
  using Done = std::function<void(CURL*, CURLcode)>;

  /// Keeps at most so many connections open.
  CurlMulti(boost::asio::io_context& io, long max_connections, Done done);
  ~CurlMulti();
  CurlMulti(CurlMulti&&) = delete;

  /// Neither from a callback of curl.
  void add(CURL* easy);
  void remove(CURL* easy);
  /// From a write callback: the transfer goes on, or is done if these bytes were its last, at that time.
  void hold(CURL* easy, MonoTime until) { early_[easy] = until; }

 private:
  struct Held {
    CURL* easy = nullptr;
    std::optional<CURLcode> ended;
  };

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int on_open(void* self, curl_socket_t fd, curlsocktype purpose);
  static int on_close(void* self, curl_socket_t fd);
  static int on_timer(CURLM* multi, long wait_ms, void* self);
  void listen();
  void ask_for_iteration();
  void iteration();
  void on_ready(const epoll_event& event);
  void act(curl_socket_t fd, int events);
  void collect();
  void end(CURL* easy, CURLcode code);
  void pause_early();
  void keep(MonoTime until, Held held);
  void wait_for_held();
  void release_held();

  boost::asio::io_context& io_;
  const Done done_;
  SocketWatch sockets_;
  boost::asio::posix::stream_descriptor watch_;  ///< Of sockets_.fd().
  boost::asio::steady_timer timer_;
  bool in_iteration_ = false;
  bool iteration_posted_ = false;
  bool timer_due_ = false;
  std::vector<curl_socket_t> refused_;  ///< Sockets that the system did not let us wait for.
  std::vector<pollfd> idle_;            ///< Connections without a transfer, over plain HTTP.
  std::map<CURL*, MonoTime> early_;     ///< To be held, once curl has returned from its callback.
  std::multimap<MonoTime, Held> held_;
  boost::asio::steady_timer held_timer_;  ///< Of the first of them.
  CurlMultiHandle multi_;                 ///< Last: closing it calls back into the members above.
};

}  // namespace doutu

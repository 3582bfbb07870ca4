// CurlMulti: a curl multi handle driven by an Asio event loop (curl's multi-socket interface): Asio waits for sockets
// and for curl's one timer, curl does the rest. Belongs to the thread that runs the io_context.
//
// The rules it lives by: curl owns the sockets, so a descriptor is released, never closed; curl is never entered from
// one of its own callbacks; a wait that was already queued when its socket went is told apart by its serial number.
#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

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

 private:
  struct Socket {
    Socket(boost::asio::io_context& io, curl_socket_t fd, std::uint64_t number) : descriptor(io, fd), serial(number) {}
    boost::asio::posix::stream_descriptor descriptor;
    const std::uint64_t serial;
    int wanted = 0;  ///< CURL_POLL_IN, CURL_POLL_OUT, CURL_POLL_INOUT.
    bool reading = false;
    bool writing = false;
  };
  struct MultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int on_close(void* self, curl_socket_t fd);
  static int on_timer(CURLM* multi, long wait_ms, void* self);
  void watch(curl_socket_t fd, int what);
  void forget(curl_socket_t fd);
  void wait(curl_socket_t fd, Socket& socket);
  void ready(curl_socket_t fd, std::uint64_t serial, int event, bool failed);
  void act(curl_socket_t fd, int events);

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  bool turn_posted_ = false;
  const Done done_;
  std::unordered_map<curl_socket_t, Socket> sockets_;
  std::vector<curl_socket_t> idle_;  ///< Connections without a transfer, over plain HTTP.
  std::uint64_t next_serial_ = 1;
  std::unique_ptr<CURLM, MultiDeleter> multi_;  ///< Last: closing it calls back into the members above.
};

}  // namespace doutu

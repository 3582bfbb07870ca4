#include "downloader/curl_multi.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/clock.h"
#include "shared/http/http_client.h"

namespace doutu {

using boost::asio::posix::descriptor_base;

CurlMulti::CurlMulti(boost::asio::io_context& io, long max_connections, Done done)
    : io_(io), timer_(io), done_(std::move(done)), multi_(curl_multi_init()) {
  DOUTU_CHECK(multi_ != nullptr);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, max_connections);
}

CurlMulti::~CurlMulti() {
  multi_.reset();
  for (auto& [fd, socket] : sockets_) socket.descriptor.release();
}

void CurlMulti::add(CURL* easy) {
  std::erase_if(idle_, end_connection_that_spoke);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  DOUTU_CHECK(curl_multi_add_handle(multi_.get(), easy) == CURLM_OK);
}

void CurlMulti::remove(CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); }

int CurlMulti::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*socket*/) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE) {
    multi.forget(fd);
  } else {
    multi.watch(fd, what);
  }
  return 0;
}

int CurlMulti::on_close(void* self, curl_socket_t fd) {
  std::erase(static_cast<CurlMulti*>(self)->idle_, fd);
  return ::close(fd);
}

int CurlMulti::on_timer(CURLM* /*multi*/, long wait_ms, void* self) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (wait_ms < 0) {
    multi.timer_.cancel();
    return 0;
  }
  if (wait_ms == 0) {  // Every new transfer begins so: a turn of the loop is cheaper than a timer.
    if (std::exchange(multi.turn_posted_, true)) return 0;
    boost::asio::post(multi.io_, [&multi] {
      multi.turn_posted_ = false;
      multi.act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }
  multi.timer_.expires_after(milliseconds(wait_ms));
  multi.timer_.async_wait([&multi](const boost::system::error_code& error) {
    if (!error) multi.act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlMulti::watch(curl_socket_t fd, int what) {
  Socket& socket = sockets_.try_emplace(fd, io_, fd, next_serial_).first->second;
  if (socket.serial == next_serial_) ++next_serial_;
  socket.wanted = what;
  std::erase(idle_, fd);
  wait(fd, socket);
}

void CurlMulti::forget(curl_socket_t fd) {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return;
  found->second.descriptor.release();
  sockets_.erase(found);
}

void CurlMulti::wait(curl_socket_t fd, Socket& socket) {
  const auto wait_for = [&](descriptor_base::wait_type type, int event) {
    socket.descriptor.async_wait(type,
                                 [this, fd, event, serial = socket.serial](const boost::system::error_code& error) {
                                   ready(fd, serial, event, static_cast<bool>(error));
                                 });
  };
  if ((socket.wanted & CURL_POLL_IN) != 0 && !std::exchange(socket.reading, true)) {
    wait_for(descriptor_base::wait_read, CURL_CSELECT_IN);
  }
  if ((socket.wanted & CURL_POLL_OUT) != 0 && !std::exchange(socket.writing, true)) {
    wait_for(descriptor_base::wait_write, CURL_CSELECT_OUT);
  }
}

void CurlMulti::ready(curl_socket_t fd, std::uint64_t serial, int event, bool failed) {
  auto found = sockets_.find(fd);
  if (found == sockets_.end() || found->second.serial != serial) return;
  (event == CURL_CSELECT_IN ? found->second.reading : found->second.writing) = false;
  const int asked = event == CURL_CSELECT_IN ? CURL_POLL_IN : CURL_POLL_OUT;
  if ((found->second.wanted & asked) == 0) return;
  act(fd, failed ? CURL_CSELECT_ERR : event);
  found = sockets_.find(fd);
  if (found != sockets_.end() && found->second.serial == serial) wait(fd, found->second);
}

void CurlMulti::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), fd, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    const curl_socket_t idle = idle_connection(easy);
    curl_multi_remove_handle(multi_.get(), easy);
    // Another transfer may have taken it over in the same turn: then it is watched.
    if (idle != CURL_SOCKET_BAD && !sockets_.contains(idle)) idle_.push_back(idle);
    done_(easy, code);
  }
}

}  // namespace doutu

#include "downloader/transfer/curl_multi.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/clock.h"
#include "shared/base/throw_if_no_memory.h"

namespace doutu {

using boost::system::error_code;

CurlMulti::CurlMulti(boost::asio::io_context& io, long max_connections, Done done)
    : io_(io),
      done_(std::move(done)),
      watch_(io, sockets_.fd()),
      timer_(io),
      held_timer_(io),
      multi_(curl_multi_init()) {
  throw_if_no_memory(multi_ != nullptr);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, max_connections);
  curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  listen();
}

CurlMulti::~CurlMulti() {
  multi_.reset();
  (void)watch_.release();
}

void CurlMulti::add(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  const CURLMcode added = curl_multi_add_handle(multi_.get(), easy);
  throw_if_no_memory(added != CURLM_OUT_OF_MEMORY);
  DOUTU_CHECK(added == CURLM_OK);
}

void CurlMulti::remove(CURL* easy) {
  early_.erase(easy);
  std::erase_if(held_, [easy](const auto& held) { return held.second.easy == easy; });
  curl_multi_remove_handle(multi_.get(), easy);
}

// --- What curl asks for.

int CurlMulti::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*socket*/) {
  auto& multi = *static_cast<CurlMulti*>(self);
  const std::uint32_t events = what == CURL_POLL_IN      ? EPOLLIN
                               : what == CURL_POLL_OUT   ? EPOLLOUT
                               : what == CURL_POLL_INOUT ? EPOLLIN | EPOLLOUT
                                                         : 0U;
  if (!multi.sockets_.wait_for(fd, events)) {
    multi.refused_.push_back(fd);
    multi.ask_for_iteration();
  }
  if (events != 0) std::erase_if(multi.idle_, [fd](const pollfd& idle) { return idle.fd == fd; });
  return 0;
}

int CurlMulti::on_open(void* self, curl_socket_t fd, curlsocktype /*purpose*/) {
  static_cast<CurlMulti*>(self)->sockets_.opened(fd);
  return CURL_SOCKOPT_OK;
}

int CurlMulti::on_close(void* self, curl_socket_t fd) {
  auto& multi = *static_cast<CurlMulti*>(self);
  multi.sockets_.closed(fd);
  std::erase(multi.refused_, fd);
  std::erase_if(multi.idle_, [fd](const pollfd& idle) { return idle.fd == fd; });
  return ::close(fd);
}

int CurlMulti::on_timer(CURLM* /*multi*/, long wait_ms, void* self) {
  auto& multi = *static_cast<CurlMulti*>(self);
  multi.timer_due_ = wait_ms == 0;
  if (wait_ms == 0) {  // Every new transfer begins so: a turn of the loop is cheaper than a timer.
    if (!multi.in_iteration_) multi.ask_for_iteration();
  } else if (wait_ms < 0) {
    multi.timer_.cancel();
  } else {
    multi.timer_.expires_after(milliseconds(wait_ms));
    multi.timer_.async_wait([&multi](const error_code& error) {
      if (error) return;
      multi.timer_due_ = true;
      multi.iteration();
    });
  }
  return 0;
}

// --- A turn: everything that has happened, then everything that is due.

void CurlMulti::listen() {
  watch_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const error_code& error) {
    if (error) return;
    iteration();
    listen();
  });
}

void CurlMulti::ask_for_iteration() {
  if (std::exchange(iteration_posted_, true)) return;
  boost::asio::post(io_, [this] {
    iteration_posted_ = false;
    iteration();
  });
}

void CurlMulti::iteration() {
  in_iteration_ = true;
  // With any socket curl also starts what is due.
  if (timer_due_) end_connections_with_unsolicited_data(idle_);
  for (const curl_socket_t fd : std::exchange(refused_, {})) act(fd, CURL_CSELECT_ERR);
  for (const epoll_event& event : sockets_.take_ready()) on_ready(event);
  collect();
  if (std::exchange(timer_due_, false)) {
    end_connections_with_unsolicited_data(idle_);
    act(CURL_SOCKET_TIMEOUT, 0);
    collect();
  }
  pause_early();
  in_iteration_ = false;
  if (timer_due_) ask_for_iteration();  // Transfers that end at once may go on for ever: others have their turn.
}

void CurlMulti::on_ready(const epoll_event& event) {
  const curl_socket_t fd = sockets_.socket_of(event);
  const std::uint32_t waited_for = sockets_.waits_for(fd);
  if (waited_for == 0) return sockets_.mute(fd);  // If it is idle, poll() will say so.
  const std::uint32_t came = event.events & waited_for;
  const int in = (came & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
  const int out = (came & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
  if (came != 0) return act(fd, in | out);
  // Else it was for what curl has meanwhile stopped waiting for.
  if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) act(fd, CURL_CSELECT_ERR);
}

void CurlMulti::act(curl_socket_t fd, int events) {
  int running = 0;
  // A socket that curl had no memory to note would never be waited for.
  throw_if_no_memory(curl_multi_socket_action(multi_.get(), fd, events, &running) != CURLM_OUT_OF_MEMORY);
}

void CurlMulti::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    const curl_socket_t idle = idle_connection(easy);
    curl_multi_remove_handle(multi_.get(), easy);
    // Another transfer may have taken it over in the same turn: then it is watched.
    if (idle != CURL_SOCKET_BAD && sockets_.waits_for(idle) == 0) idle_.push_back({idle, POLLIN, 0});
    end(easy, code);
  }
}

// --- Transfers that wait for their turn. curl pauses them only after it has told which socket they read from: a
// connection that nobody watches counts as idle.

void CurlMulti::end(CURL* easy, CURLcode code) {
  const auto early = early_.extract(easy);
  early.empty() ? done_(easy, code) : keep(early.mapped(), {easy, code});
}

void CurlMulti::pause_early() {
  for (const auto& [easy, until] : std::exchange(early_, {})) {
    curl_easy_pause(easy, CURLPAUSE_RECV);
    keep(until, {easy, std::nullopt});
  }
}

void CurlMulti::keep(MonoTime until, Held held) {
  const auto place = held_.emplace(until, held);
  if (place == held_.begin()) wait_for_held();
}

void CurlMulti::wait_for_held() {
  held_timer_.expires_at(held_.begin()->first);
  held_timer_.async_wait([this](const error_code& error) {
    if (!error) release_held();
  });
}

/// curl may give bytes within curl_easy_pause(), and nobody else hears of an error there.
void CurlMulti::release_held() {
  for (const MonoTime now = mono_now(); !held_.empty() && held_.begin()->first <= now;) {
    const Held held = held_.extract(held_.begin()).mapped();
    if (held.ended) {
      done_(held.easy, *held.ended);
    } else if (const CURLcode code = curl_easy_pause(held.easy, CURLPAUSE_CONT); code != CURLE_OK) {
      remove(held.easy);
      done_(held.easy, code);
    }
  }
  pause_early();
  if (!held_.empty()) wait_for_held();
}

}  // namespace doutu

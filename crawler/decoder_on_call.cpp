#include "crawler/decoder_on_call.h"

#include <fcntl.h>

#include <utility>

namespace doutu {

DecoderOnCall::DecoderOnCall(boost::asio::io_context& io, ChildStarter& children, CrawlLog& log)
    : io_(io), children_(children), log_(log), doubts_(io), restart_timer_(io) {}

void DecoderOnCall::listen() {
  if (doubts_.is_open()) return;
  const int copy = ::fcntl(children_.doubts().fd(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return;  // The next downloader's start tries again; until then nobody answers.
  doubts_.assign(copy);
  wait_for_doubt();
}

void DecoderOnCall::wait_for_doubt() {
  doubts_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
    if (!error) on_doubt();
  });
}

void DecoderOnCall::on_doubt() {
  if (is_hopeless_) {
    Message dropped;
    while (children_.doubts().receive(dropped) == ControlChannel::Received::message) continue;
    return wait_for_doubt();
  }
  auto child = children_.decoder();
  if (!child) {
    log_.write(LogLevel::warning, "decoder: " + child.error().message);
    return wait_after_death(restarts_.after_death(RestartPolicy::Worked::no));
  }
  decoder_ = std::make_unique<Supervised>(
      io_, *std::move(child),
      Supervised::Events{.on_message = [](Message&) {},
                         .on_exit = [this](Exit exit) { on_exit(exit); },
                         .on_log = [this](auto line) { log_.write_child_line("decoder", line); }});
}

void DecoderOnCall::on_exit(Exit exit) {
  const bool is_done = exit.signal == 0 && exit.status == 0;
  const bool worked = is_done || decoder_->stats().beats[0] != 0;
  decoder_.reset();
  if (!is_done)
    log_.write(LogLevel::warning, "decoder: ended by " + exit.in_words() + "; the next doubt starts another");
  wait_after_death(restarts_.after_death(worked ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no));
}

void DecoderOnCall::wait_after_death(std::optional<Duration> delay) {
  if (!delay) {
    log_.write(LogLevel::error, "doutu-decoder does not start: images without an end mark are not kept");
    is_hopeless_ = true;
  }
  restart_timer_.expires_after(delay.value_or(Duration::zero()));
  restart_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) wait_for_doubt();
  });
}

void DecoderOnCall::signal(int number) const {
  if (decoder_) decoder_->signal(number);
}

}  // namespace doutu

#include "crawler/run/decoder_on_call.h"

#include <utility>

namespace doutu {

DecoderOnCall::DecoderOnCall(CrawlLoop& loop, ChildHost& host, CrawlLog& log)
    : loop_(loop), host_(host), log_(log), restart_timer_(loop.make_timer()) {}

/// Where nobody can listen, nobody answers until the next downloader's start tries again.
void DecoderOnCall::listen() {
  if (!is_listening_) wait_for_doubt();
}

void DecoderOnCall::wait_for_doubt() {
  is_listening_ = host_.wait_for_doubt([this] { on_doubt(); });
}

void DecoderOnCall::on_doubt() {
  if (is_hopeless_) {
    host_.drop_doubts();
    return wait_for_doubt();
  }
  auto started =
      host_.start(ChildRole::decoder, {.on_message = [](Message&) {},
                                       .on_exit = [this](Exit exit) { on_exit(exit); },
                                       .on_log = [this](auto line) { log_.write_child_line("decoder", line); }});
  if (!started) {
    log_.write(LogLevel::warning, "decoder: " + started.error().message);
    return wait_after_death(restarts_.after_death(RestartPolicy::Worked::no));
  }
  decoder_ = std::move(started->child);
}

void DecoderOnCall::on_exit(Exit exit) {
  const bool is_done = exit.signal == 0 && exit.status == 0;
  const bool worked = is_done || decoder_->stats().beats[0] != 0;
  decoder_.reset();
  if (!is_done)
    log_.write(LogLevel::warning, "decoder: ended by " + exit.to_text() + "; another is started when needed");
  wait_after_death(restarts_.after_death(worked ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no));
}

void DecoderOnCall::wait_after_death(std::optional<Duration> delay) {
  if (!delay) {
    log_.write(LogLevel::error, "doutu-decoder does not start; images without an end mark are not saved");
    is_hopeless_ = true;
  }
  restart_timer_->set(loop_.now() + delay.value_or(Duration::zero()), [this] { wait_for_doubt(); });
}

void DecoderOnCall::signal(int number) const {
  if (decoder_) decoder_->signal(number);
}

}  // namespace doutu

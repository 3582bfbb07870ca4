// DecoderOnCall: starts doutu-decoder when the downloader has a doubt and none runs. It reads no question and gives no
// answer: those go between downloader and decoder (downloader/doubts.h). A decoder ends by itself when nothing was
// asked for a while; its death costs the one image that it had in hand. When none can be started, questions are
// dropped, which answers them: nobody can tell. The parent's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "crawler/child_starter.h"
#include "crawler/crawl_log.h"
#include "crawler/supervisor.h"
#include "shared/process/restart_policy.h"

namespace doutu {

class DecoderOnCall {
 public:
  /// All outlive it.
  DecoderOnCall(boost::asio::io_context& io, ChildStarter& children, CrawlLog& log);

  /// From now on: the downloader that may ask was started.
  void listen();
  void signal(int number) const;

 private:
  void wait_for_doubt();
  void on_doubt();
  void on_exit(Exit exit);
  void wait_after_death(std::optional<Duration> delay);

  boost::asio::io_context& io_;
  ChildStarter& children_;
  CrawlLog& log_;
  boost::asio::posix::stream_descriptor doubts_;  ///< Watched only while no decoder runs; open from listen() on.
  boost::asio::steady_timer restart_timer_;
  RestartPolicy restarts_;
  bool is_hopeless_ = false;
  std::unique_ptr<Supervised> decoder_;
};

}  // namespace doutu

// AsioLoop: the CrawlLoop of a real crawl, one io_context. As long as it exists, it takes the signals that would end or
// stop this process. The parent's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "crawler/run/crawl_loop.h"

namespace doutu {

class AsioLoop final : public CrawlLoop {
 public:
  AsioLoop();

  [[nodiscard]] boost::asio::io_context& io() { return io_; }

  [[nodiscard]] MonoTime now() const override { return mono_now(); }
  [[nodiscard]] std::unique_ptr<Timer> make_timer() override;
  void on_signal(std::function<void(int number)> then) override;
  [[nodiscard]] bool is_resumed_by_somebody() const override;
  void stop_process() override;
  void run() override { io_.run(); }
  void stop() override { io_.stop(); }

 private:
  void wait_for_signal();

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_;
  std::function<void(int)> on_signal_;
};

}  // namespace doutu

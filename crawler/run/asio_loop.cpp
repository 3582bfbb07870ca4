#include "crawler/run/asio_loop.h"

#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

#include "crawler/run/terminal_stop.h"

namespace doutu {
namespace {

class AsioTimer final : public Timer {
 public:
  explicit AsioTimer(boost::asio::io_context& io) : timer_(io) {}

  void set(MonoTime at, std::function<void()> then) override {
    then_ = std::make_shared<std::function<void()>>(std::move(then));
    timer_.expires_at(at);
    timer_.async_wait([then = std::weak_ptr(then_)](boost::system::error_code error) {
      if (const auto still = then.lock(); still && !error) (*still)();
    });
  }

  void cancel() override {
    then_.reset();
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  // The handler holds it weakly: one that was already queued finds out that the timer was cancelled, set anew or is
  // gone.
  std::shared_ptr<std::function<void()>> then_;
};

}  // namespace

AsioLoop::AsioLoop() : signals_(io_, SIGINT, SIGTERM, SIGHUP) { signals_.add(SIGTSTP); }

std::unique_ptr<Timer> AsioLoop::make_timer() { return std::make_unique<AsioTimer>(io_); }

void AsioLoop::on_signal(std::function<void(int number)> then) {
  on_signal_ = std::move(then);
  wait_for_signal();
}

void AsioLoop::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (error) return;
    on_signal_(number);
    wait_for_signal();
  });
}

bool AsioLoop::is_resumed_by_somebody() const { return somebody_resumes_us(); }

void AsioLoop::stop_process() { stop_as_the_kernel_allows(); }

}  // namespace doutu

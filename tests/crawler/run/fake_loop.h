// FakeLoop: a CrawlLoop whose time a test moves. Nothing waits: what is due happens in the order in which it was asked
// for. The test's thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "crawler/run/crawl_loop.h"

namespace doutu {

class FakeLoop final : public CrawlLoop {
 public:
  /// A crawl that is not over after so much of the fake time is a failed test.
  static constexpr std::chrono::minutes kLongest{10};

  [[nodiscard]] MonoTime now() const override { return now_; }
  [[nodiscard]] std::unique_ptr<Timer> make_timer() override;
  void on_signal(std::function<void(int)> then) override { signal_handler_ = std::move(then); }
  [[nodiscard]] bool is_resumed_by_somebody() const override { return has_shell; }
  void stop_process() override;
  /// The script, then whatever is left to happen. Throws when that does not end.
  void run() override;
  void stop() override { is_over_ = true; }

  // The test's side.

  /// What the test does while the crawl runs; for run().
  std::function<void()> script = [] {};
  bool has_shell = true;
  Duration stopped_for{};  ///< So long stop_process() takes.
  std::function<void()> while_stopped = [] {};
  std::function<void()> on_time = [] {};  ///< Time has moved.

  void post(std::function<void()> what) { posted_.push_back(std::move(what)); }
  /// Everything that is to happen now.
  void settle();
  /// Lets time pass, and happen what is due on the way.
  void advance(Duration time);
  void raise(int number);
  [[nodiscard]] bool is_over() const { return is_over_; }

 private:
  friend class FakeTimer;
  using Timers = std::multimap<MonoTime, std::function<void()>>;

  void move_to(MonoTime time);
  /// The first timer, once its time has come.
  void fire();

  MonoTime now_{std::chrono::hours(1)};
  Timers timers_;
  std::deque<std::function<void()>> posted_;
  std::function<void(int)> signal_handler_;
  bool is_over_ = false;
};

}  // namespace doutu

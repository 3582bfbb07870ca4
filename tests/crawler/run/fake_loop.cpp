#include "tests/crawler/run/fake_loop.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace doutu {

class FakeTimer final : public Timer {
 public:
  explicit FakeTimer(FakeLoop& loop) : loop_(loop) {}
  FakeTimer(const FakeTimer&) = delete;
  FakeTimer& operator=(const FakeTimer&) = delete;
  ~FakeTimer() override { FakeTimer::cancel(); }

  void set(MonoTime at, std::function<void()> then) override {
    cancel();
    entry_ = loop_.timers_.emplace(at, [this, then = std::move(then)] {
      entry_.reset();
      then();
    });
  }
  void cancel() override {
    if (entry_) loop_.timers_.erase(*entry_);
    entry_.reset();
  }

 private:
  FakeLoop& loop_;
  std::optional<FakeLoop::Timers::iterator> entry_;
};

std::unique_ptr<Timer> FakeLoop::make_timer() { return std::make_unique<FakeTimer>(*this); }

void FakeLoop::move_to(MonoTime time) {
  now_ = std::max(now_, time);
  on_time();
}

void FakeLoop::fire() {
  const auto first = timers_.begin();
  move_to(first->first);
  const auto then = std::move(first->second);
  timers_.erase(first);
  then();
}

void FakeLoop::settle() {
  while (!is_over_) {
    if (!posted_.empty()) {
      const auto what = std::move(posted_.front());
      posted_.pop_front();
      what();
    } else if (!timers_.empty() && timers_.begin()->first <= now_) {
      fire();
    } else {
      return;
    }
  }
}

void FakeLoop::advance(Duration time) {
  const MonoTime until = now_ + time;
  settle();
  while (!is_over_ && !timers_.empty() && timers_.begin()->first <= until) {
    fire();
    settle();
  }
  move_to(until);
}

void FakeLoop::raise(int number) {
  post([this, number] { signal_handler_(number); });
  settle();
}

void FakeLoop::stop_process() {
  while_stopped();
  now_ += stopped_for;  // nobody beats meanwhile
}

void FakeLoop::run() {
  script();
  const MonoTime longest = now_ + kLongest;
  for (settle(); !is_over_; settle()) {
    if (timers_.empty()) throw std::runtime_error("the crawl waits for nothing");
    if (now_ > longest) throw std::runtime_error("the crawl does not end");
    fire();
  }
}

}  // namespace doutu

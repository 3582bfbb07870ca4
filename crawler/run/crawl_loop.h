// CrawlLoop: what the parent's one thread waits for: the clock, timers, signals, and the stop by Ctrl-Z. The real one
// is Asio's (asio_loop.h). Tests have one whose time they move.
#pragma once

#include <functional>
#include <memory>

#include "shared/base/clock.h"

namespace doutu {

/// Calls once. Its destructor cancels it.
class Timer {
 public:
  virtual ~Timer() = default;
  /// In place of what it was set to before.
  virtual void set(MonoTime at, std::function<void()> then) = 0;
  /// Nothing is called afterwards.
  virtual void cancel() = 0;
};

class CrawlLoop {
 public:
  virtual ~CrawlLoop() = default;

  [[nodiscard]] virtual MonoTime now() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Timer> make_timer() = 0;

  /// SIGINT, SIGTERM, SIGHUP and SIGTSTP of this process.
  virtual void on_signal(std::function<void(int number)> then) = 0;
  /// Whether somebody (a shell) continues this process once it has stopped.
  [[nodiscard]] virtual bool is_resumed_by_somebody() const = 0;
  /// Stops this process, and returns when it goes on.
  virtual void stop_process() = 0;

  /// Until stop().
  virtual void run() = 0;
  virtual void stop() = 0;
};

}  // namespace doutu

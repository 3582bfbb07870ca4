// RestartPolicy: when a child that ended is started again. A child that did its work is replaced at once. One that dies
// before its first job is replaced after growing waits, and given up when that goes on. Pure.
#pragma once

#include <optional>

#include "shared/base/clock.h"
#include "shared/base/result.h"

namespace doutu {

class RestartPolicy {
 public:
  static constexpr milliseconds kFirstDelay{100};
  static constexpr milliseconds kMaxDelay{5'000};
  /// Deaths in a row before the first job: 100 + 200 + ... + 5000 ms, about 20 s in all.
  static constexpr int kMaxStillborn = 9;

  enum class Worked { no, yes };
  /// from_outside: by a SIGKILL that was not ours, so its program is not what is wrong.
  enum class Killed { no, from_outside };
  /// How long to wait before the next start; nullopt: give up, which one killed from outside never is.
  std::optional<Duration> after_death(Worked worked, Killed killed = Killed::no);
  /// The same when it could not be started. Only what the system was short of may be there later.
  std::optional<Duration> after_failed_start(const Error& error);

 private:
  int failures_before_ready_ = 0;
};

/// What a page or an image may do to its process before it is given up: three crashes, or ten deaths by somebody's
/// SIGKILL, which says less about it (a user, a test, the kernel short of memory).
class Strikes {
 public:
  enum class Death { crash, killed };
  /// Counts one; true when it is enough.
  bool add(Death death);

 private:
  int points_ = 0;
};

}  // namespace doutu

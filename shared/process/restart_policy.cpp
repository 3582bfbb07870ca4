#include "shared/process/restart_policy.h"

#include <algorithm>

#include "shared/base/system_limits.h"

namespace doutu {

std::optional<Duration> RestartPolicy::after_death(Worked worked, Killed killed) {
  if (worked == Worked::yes) {
    failures_before_ready_ = 0;
    return Duration::zero();
  }
  if (++failures_before_ready_ > kMaxStillborn) {
    return killed == Killed::from_outside ? std::optional<Duration>(kMaxDelay) : std::nullopt;
  }
  const auto delay = kFirstDelay * (1 << (failures_before_ready_ - 1));
  return std::min<Duration>(delay, kMaxDelay);
}

std::optional<Duration> RestartPolicy::after_failed_start(const Error& error) {
  return is_want(error.code) ? after_death(Worked::no) : std::nullopt;
}

bool Strikes::add(Death death) {
  constexpr int kEnough = 30;
  points_ += death == Death::crash ? 10 : 3;
  return points_ >= kEnough;
}

}  // namespace doutu

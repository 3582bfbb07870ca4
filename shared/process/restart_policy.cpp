#include "shared/process/restart_policy.h"

#include <algorithm>

namespace doutu {

std::optional<Duration> RestartPolicy::after_death(Worked worked) {
  if (worked == Worked::yes) {
    stillborn_ = 0;
    return Duration::zero();
  }
  if (++stillborn_ > kMaxStillborn) return std::nullopt;
  const auto delay = kFirstDelay * (1 << (stillborn_ - 1));
  return std::min<Duration>(delay, kMaxDelay);
}

bool Strikes::add(Death death) {
  constexpr int kEnough = 30;
  points_ += death == Death::crash ? 10 : 3;
  return points_ >= kEnough;
}

}  // namespace doutu

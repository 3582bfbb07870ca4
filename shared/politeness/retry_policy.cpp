#include "shared/politeness/retry_policy.h"

#include <algorithm>

namespace doutu {

milliseconds doubled(milliseconds base, std::uint32_t times, milliseconds most) {
  for (; times > 0 && base < most; --times) base = std::max(base + base, milliseconds(1));
  return std::min(base, most);
}

milliseconds retry_delay(const PolitenessOptions& politeness, std::uint32_t attempts, std::uint32_t random) {
  const milliseconds full = doubled(politeness.retry_wait, attempts == 0 ? 0 : attempts - 1, politeness.retry_wait_max);
  const milliseconds half = full / 2;
  const milliseconds spread((full - half).count() * static_cast<std::int64_t>(random) / kNotSpread);
  return half + spread;
}

milliseconds believed_of_one(const PolitenessOptions& politeness, seconds asked) {
  return std::min(asked, std::chrono::floor<seconds>(politeness.retry_wait_max));
}

milliseconds longest_waits(const PolitenessOptions& politeness) {
  milliseconds sum{0};
  for (std::uint32_t attempts = 1; attempts <= politeness.retries; ++attempts) {
    sum += retry_delay(politeness, attempts, kNotSpread);
  }
  return sum;
}

}  // namespace doutu

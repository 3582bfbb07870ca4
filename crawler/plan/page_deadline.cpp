#include "crawler/plan/page_deadline.h"

#include <algorithm>

namespace doutu {

bool is_past_deadline(const PageTime& page, MonoTime now) {
  const Duration taken = now - page.given;
  // Each clamped before they are added: what a fetcher that was taken over writes must not overflow.
  const auto over = std::clamp<Duration>(std::chrono::nanoseconds(page.held_ns), Duration::zero(), taken);
  const MonoTime since = std::clamp(from_nanoseconds(page.held_since_ns), page.given, now);
  const Duration goes_on = page.held_since_ns == 0 ? Duration::zero() : now - since;
  return taken - std::min(over + goes_on, page.longest_wait) > page.allowed;
}

}  // namespace doutu

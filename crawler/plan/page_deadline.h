// Page deadline: whether a fetcher takes too long over its page. The fetcher's own word counts in one point only: how
// long it has waited for room in its lane, or for its turn under --limit-rate. Those waits have a bound. A policy:
// pure.
#pragma once

#include <cstdint>

#include "shared/base/clock.h"

namespace doutu {

struct PageTime {
  MonoTime given{};         ///< When the parent gave the page out; later, where the parent itself stood still since.
  Duration allowed{};       ///< For fetching and parsing.
  Duration longest_wait{};  ///< Beyond that a fetcher that claims to wait is not believed.

  // As the fetcher writes it into its stats page: any number.
  std::int64_t held_ns = 0;        ///< Waits that are over.
  std::int64_t held_since_ns = 0;  ///< Start of the one that goes on; 0: none.
};

[[nodiscard]] bool is_past_deadline(const PageTime& page, MonoTime now);

}  // namespace doutu

// How long an image waits before its next attempt. A pure function of values; any thread.
#pragma once

#include <cstdint>

#include "shared/base/clock.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// The wait after the attempts-th counted attempt failed (1: the first one did): retry_wait, doubled for each further
/// attempt up to retry_wait_max, of which the upper half is spread by random (any 32 bits), so that images that failed
/// together do not come back together.
[[nodiscard]] milliseconds retry_delay(const PolitenessOptions& politeness, std::uint32_t attempts,
                                       std::uint32_t random);

/// What the waits between all attempts of an image come to, at most.
[[nodiscard]] milliseconds longest_waits(const PolitenessOptions& politeness);

/// base, doubled so many times, at most most. For every clock here that grows.
[[nodiscard]] milliseconds doubled(milliseconds base, std::uint32_t times, milliseconds most);

}  // namespace doutu

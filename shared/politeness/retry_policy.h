// How long an image or a page waits before its next attempt. Pure functions of values; any thread.
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
/// As random: all of the wait.
inline constexpr std::uint32_t kNotSpread = 0xffff'ffff;

/// How much of Retry-After the one that was told so waits, whatever its host does: no longer than any waits at a time.
/// One that alone is told nonsense would hold up the end of the crawl.
[[nodiscard]] milliseconds believed_of_one(const PolitenessOptions& politeness, seconds asked);

/// What the waits between all attempts of an image come to, at most.
[[nodiscard]] milliseconds longest_waits(const PolitenessOptions& politeness);

/// base, doubled so many times, at most most. For every clock here that grows.
[[nodiscard]] milliseconds doubled(milliseconds base, std::uint32_t times, milliseconds most);

}  // namespace doutu

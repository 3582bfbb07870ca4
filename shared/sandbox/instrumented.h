// Builds that watch themselves do what the sandbox forbids.
#pragma once

namespace doutu {

/// Sanitizers look for leaks by tracing the process, read /proc, and reserve terabytes of memory.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// Each process of the build that counts lines writes its counters to files when it ends: there nobody is confined.
#ifdef DOUTU_COVERAGE
inline constexpr bool kCounting = true;
#else
inline constexpr bool kCounting = false;
#endif

}  // namespace doutu

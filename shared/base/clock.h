// The two clocks. MonoTime is for deadlines, back-off and heartbeats: it is the same for all processes of a machine,
// and is never set back. Wall time only goes into the ledger and the report. Policies are given a MonoTime; they never
// ask for one.
#pragma once

#include <chrono>
#include <cstdint>

namespace doutu {

using MonoClock = std::chrono::steady_clock;
using MonoTime = MonoClock::time_point;
using Duration = MonoClock::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

[[nodiscard]] inline MonoTime mono_now() { return MonoClock::now(); }

/// Nanoseconds of the monotonic clock: what processes write into shared memory for one another.
[[nodiscard]] inline std::int64_t to_nanoseconds(MonoTime time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}
[[nodiscard]] inline MonoTime from_nanoseconds(std::int64_t count) { return MonoTime(std::chrono::nanoseconds(count)); }

/// Milliseconds since 1970 (UTC).
[[nodiscard]] inline std::int64_t wall_milliseconds() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace doutu

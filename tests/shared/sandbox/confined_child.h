// A child process that is confined and then does one thing, for tests of what a policy forbids and allows. One thread.
#pragma once

#include <functional>
#include <iosfwd>

#include "shared/sandbox/policy.h"

namespace doutu {

/// What became of the act.
struct Fate {
  int error = 0;   ///< The errno it was refused with; 0: it was done.
  int signal = 0;  ///< Which ended the child.
  bool operator==(const Fate&) const = default;
};

inline constexpr Fate kDone{};
[[nodiscard]] constexpr Fate refused(int error) { return {.error = error}; }
[[nodiscard]] constexpr Fate ended_by(int signal) { return {.signal = signal}; }
/// "done", "refused: Permission denied", "ended by signal 31".
std::ostream& operator<<(std::ostream& out, const Fate& fate);

/// Forks a child, confines it by the policy, and lets it act there: act returns what a system call does, negative with
/// errno when it failed. The child must be able to be confined wholly.
[[nodiscard]] Fate fate_of(const Policy& policy, const std::function<long()>& act);
/// The same by Landlock alone.
[[nodiscard]] Fate fate_of(const FileRules& rules, const std::function<long()>& act);

}  // namespace doutu

// kill_at_every_step(): what a process leaves of a ledger that is killed while it writes it. A step is a call by which
// SQLite changes a file: a write, a truncation, a sync, a deletion. What was written before stays, as after a SIGKILL.
// One thread.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

namespace doutu {

enum class KillAt {
  call,           ///< Before the step.
  half_of_write,  ///< When the first half of the bytes is in the file. Only writes count as steps.
};

// NOLINTNEXTLINE(readability-identifier-naming)
inline void PrintTo(KillAt where, std::ostream* out) { *out << (where == KillAt::call ? "a call" : "half of a write"); }
inline const auto kKillsAnywhere = ::testing::Values(KillAt::call, KillAt::half_of_write);
inline std::string name_of_kill(const ::testing::TestParamInfo<KillAt>& where) {
  return where.param == KillAt::call ? "BeforeACall" : "HalfAWrite";
}

/// For the first step, the second and so on: prepare(), then work() in a child that is killed at this step, then
/// look(). The last time is that at which work() ends by itself. Stops at the first failure. The number of steps.
/// Nobody has a ledger open when prepare() and look() return: SQLite's handles must not cross a fork.
int kill_at_every_step(KillAt where, const std::function<void()>& prepare, const std::function<void()>& work,
                       const std::function<void()>& look);

/// Runs it in a child, which ends as if killed, with all that it holds open. False: an expectation in it has failed.
bool is_killed_after(const std::function<void()>& work);

}  // namespace doutu

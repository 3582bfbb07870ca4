#include "tests/shared/sandbox/confined_child.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostream>

#include "shared/sandbox/sandbox.h"

namespace doutu {
namespace {

constexpr int kNotConfined = 255;  // no errno

[[noreturn]] void act_after(const std::function<Status()>& confine_self, const std::function<long()>& act) {
  if (!confine_self()) ::_exit(kNotConfined);
  errno = 0;
  const bool failed = act() < 0;
  ::_exit(failed ? errno : 0);
}

Fate fate_after(const std::function<Status()>& confine_self, const std::function<long()>& act) {
  const pid_t child = ::fork();
  if (child == 0) act_after(confine_self, act);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) return ended_by(WTERMSIG(status));
  EXPECT_NE(WEXITSTATUS(status), kNotConfined) << "this kernel cannot confine, or not wholly";
  return refused(WEXITSTATUS(status));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Fate& fate) {
  if (fate.signal != 0) return out << "ended by signal " << fate.signal;
  return fate.error == 0 ? out << "done" : out << "refused: " << std::strerror(fate.error);
}

Fate fate_of(const Policy& policy, const std::function<long()>& act) {
  return fate_after([&policy] { return confine(policy, SandboxMode::require); }, act);
}

Fate fate_of(const FileRules& rules, const std::function<long()>& act) {
  const auto restrict_self = [&rules] {
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? restrict_files(rules) : Status(system_error("prctl"));
  };
  return fate_after(restrict_self, act);
}

}  // namespace doutu

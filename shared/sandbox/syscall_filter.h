// The filter of system calls (seccomp, by libseccomp). A list of what is allowed, not of what is forbidden: the kernel
// gets new calls every year. A call that is not on it does not exist for the process (ENOSYS), which is what libraries
// are prepared for; for one that only an attacker makes (execve, ptrace, mount ...) the kernel ends the process by
// SIGSYS. Since Linux 5.11 the kernel remembers which calls are allowed whatever their arguments, so that the length of
// the list costs nothing; the rest is a binary tree.
#pragma once

#include <vector>

#include "shared/base/result.h"

namespace doutu {

struct CallRules {
  enum class Opening {
    nothing,      ///< Nor are sockets made or threads started: what it works on is handed to it.
    for_reading,  ///< open and openat neither write nor create.
    any,          ///< Landlock says where.
  };
  Opening opening = Opening::for_reading;
  /// Names of calls, with whatever arguments; what the machine's processor has no such call for is left out. Beside
  /// them every process may signal itself and see its own limits. One that opens nothing may also set its limit of
  /// processor time; others may start threads, use TCP and UDP over IP and pairs of sockets, and what fcntl, ioctl and
  /// prctl do for files and sockets; who opens any file may set the times of those that it has open (the functions that
  /// return CallWithArguments in the source).
  std::vector<const char*> allowed;
  /// Names of those that end the process.
  std::vector<const char*> deadly;
};

/// For this thread and those it starts, for good. Preconditions: has_syscall_filters(), and no_new_privs is set.
[[nodiscard]] Status filter_system_calls(const CallRules& rules);

}  // namespace doutu

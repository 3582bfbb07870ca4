// ParentTie: makes a child die with its parent. In any program that the parent starts; its only thread.
#pragma once

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace doutu {

/// The kernel kills this process when its parent ends. False when the parent ended before the call, as far as that can
/// be seen; a parent that ended earlier still has closed the control channel.
[[nodiscard]] inline bool tie_to_parent() {
  const pid_t parent = ::getppid();
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
}

}  // namespace doutu

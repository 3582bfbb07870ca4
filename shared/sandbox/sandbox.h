// The sandbox: from here on this process can do no more than its policy says, even when an attacker has taken it over.
// It cannot be undone. No policy limits addresses: a process that may reach the network may reach all of it.
#pragma once

#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/sandbox/policy.h"

namespace doutu {

/// Confines this process as far as the mode and the kernel want: no_new_privs, capabilities, limits, no core dumps and
/// no debuggers, Landlock, the filter of system calls. What the kernel lacks (kernel_support.h) is an error where the
/// mode requires it, and is left out in silence else: the parent has told. What fails though the kernel has it is an
/// error in both. Precondition: this process has one thread.
[[nodiscard]] Status confine(const Policy& policy, SandboxMode mode);

}  // namespace doutu

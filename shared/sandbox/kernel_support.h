// Which parts of a sandbox this kernel supports. Asks and changes nothing; any process, any thread.
#pragma once

#include <optional>
#include <string>

#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// Version of the kernel's Landlock, 1 or more; 0 when it has none, or it was turned off when the machine started, or
/// who started us does not let us ask.
[[nodiscard]] int landlock_version();

/// Version 1 (Linux 5.13) lets nobody move a file from one folder into another, which is how images get their names.
inline constexpr int kOldestLandlock = 2;  // Linux 5.19

/// Whether a process may filter its own system calls and be ended for one of them (seccomp, Linux 4.14).
[[nodiscard]] bool has_syscall_filters();

/// What a sandbox of this mode would lack here and what follows from that, in one line for people; nullopt: nothing, or
/// none is wanted. Later versions of Landlock than the oldest only forbid a second time what the filter forbids.
[[nodiscard]] std::optional<std::string> missing_protection(SandboxMode mode);

}  // namespace doutu

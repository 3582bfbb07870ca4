#include "shared/sandbox/kernel_support.h"

#include <fmt/format.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace doutu {

int landlock_version() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0UL, LANDLOCK_CREATE_RULESET_VERSION);
  return static_cast<int>(std::max(version, 0L));
}

bool has_syscall_filters() {
  const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0UL, &action) == 0;
}

std::optional<std::string> missing_protection(SandboxMode mode) {
  std::string missing;
  if (mode == SandboxMode::off) return std::nullopt;
  if (landlock_version() < kOldestLandlock) {
    missing = fmt::format(
        "Landlock (version {}, Linux 5.19 or newer, enabled), so page fetchers can read your files, and the "
        "downloader can read and write them",
        kOldestLandlock);
  }
  if (!has_syscall_filters()) {
    missing += fmt::format("{}seccomp, so only Landlock confines the child processes", missing.empty() ? "" : "; and ");
  }
  if (missing.empty()) return std::nullopt;
  const bool is_required = mode == SandboxMode::require;
  return fmt::format("sandbox: this kernel lacks {}{}", missing,
                     is_required ? "; to run without it, use --sandbox=auto" : "");
}

}  // namespace doutu

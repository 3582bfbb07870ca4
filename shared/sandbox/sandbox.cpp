#include "shared/sandbox/sandbox.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "shared/sandbox/instrumented.h"
#include "shared/sandbox/kernel_support.h"

namespace doutu {
namespace {

Status limit(__rlimit_resource resource, std::optional<std::uint64_t> value) {
  rlimit now{};
  if (!value) return {};
  if (::getrlimit(resource, &now) != 0) return system_error("getrlimit");
  const rlim_t lower = std::min<rlim_t>(now.rlim_max, *value);
  const rlimit lowered{lower, lower};
  return ::setrlimit(resource, &lowered) == 0 ? Status() : Status(system_error("setrlimit"));
}

Status set_limits(const Limits& limits) {
  Status status = limit(RLIMIT_CORE, 0);
  if (status) status = limit(RLIMIT_DATA, limits.memory);
  if (status) status = limit(RLIMIT_NOFILE, limits.descriptors);
  if (status) status = limit(RLIMIT_FSIZE, limits.file_size);
  return status;
}

/// Secrets of requests lie in memory: no other process of the user reads them there.
Status close_to_debuggers() {
  return ::prctl(PR_SET_DUMPABLE, 0) == 0 ? Status() : Status(system_error("PR_SET_DUMPABLE"));
}

Status give_up_privileges() {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? Status() : Status(system_error("no_new_privs"));
}

Status keep_capabilities(std::uint64_t kept) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return system_error("capget");
  for (__user_cap_data_struct& set : sets) {
    set.permitted &= static_cast<std::uint32_t>(kept);
    set.effective &= static_cast<std::uint32_t>(kept);
    set.inheritable = 0;
    kept >>= 32U;
  }
  return ::syscall(SYS_capset, &header, sets.data()) == 0 ? Status() : Status(system_error("capset"));
}

/// The filter comes last: it has no call for what is done before.
Status apply(const Policy& policy) {
  Status status = give_up_privileges();
  if (status) status = set_limits(policy.limits);
  if (status) status = close_to_debuggers();
  if (status && landlock_version() >= kOldestLandlock) status = restrict_files(policy.files);
  if (status) status = keep_capabilities(policy.capabilities);
  if (status && has_syscall_filters()) status = filter_system_calls(policy.calls);
  return status;
}

}  // namespace

Status confine(const Policy& policy, SandboxMode mode) {
  if (mode == SandboxMode::off || kCounting) return {};
  const auto missing = missing_protection(mode);
  if (missing && mode == SandboxMode::require) return Error{*missing};
  Status applied = apply(policy);
  return applied ? Status() : Status(std::move(applied).error().within("sandbox"));
}

}  // namespace doutu

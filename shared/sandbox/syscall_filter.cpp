#include "shared/sandbox/syscall_filter.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

#include "shared/base/check.h"
#include "shared/sandbox/instrumented.h"

namespace doutu {
namespace {

using Filter = std::remove_pointer_t<scmp_filter_ctx>;
struct ReleaseFilter {
  void operator()(Filter* filter) const { seccomp_release(filter); }
};

/// A sanitizer looks for leaks when the process ends: it traces it from another that shares its memory.
constexpr auto kLeftToSanitizers = std::to_array<std::string_view>({"clone", "prctl", "ptrace"});

bool is_left_to_sanitizer(std::string_view call) {
  return kSanitized && std::ranges::find(kLeftToSanitizers, call) != kLeftToSanitizers.end();
}

/// A call and what must hold of its arguments.
struct CallWithArguments {
  const char* call;
  std::vector<scmp_arg_cmp> conditions;
};

/// Of an int, of which the kernel drops the upper half.
scmp_arg_cmp is(unsigned argument, int value, int of_bits = -1) {
  return {argument, SCMP_CMP_MASKED_EQ, static_cast<std::uint32_t>(of_bits), static_cast<std::uint32_t>(value)};
}
scmp_arg_cmp is_null(unsigned argument) { return {argument, SCMP_CMP_EQ, 0, 0}; }
scmp_arg_cmp has_type(int type) { return is(1, type, ~(SOCK_CLOEXEC | SOCK_NONBLOCK)); }

constexpr int kNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr int kWriting = O_ACCMODE | O_CREAT | O_TRUNC;

std::vector<CallWithArguments> allowed_to_every_process() {
  return {
      {"tgkill", {is(0, ::getpid())}},  // abort() and raise()
      {"prlimit64", {is(0, 0), is_null(2)}},
  };
}

/// The hard limit stays.
std::vector<CallWithArguments> allowed_where_nothing_is_opened() {
  return {{"prlimit64", {is(0, 0), is(1, RLIMIT_CPU)}}};
}

std::vector<CallWithArguments> allowed_where_files_and_sockets_are_opened(int watched_flags) {
  std::vector<CallWithArguments> allowed = {
      // A thread, no process; flags of clone3 lie in memory, so that it does not exist, and glibc takes clone.
      {"clone", {is(0, CLONE_THREAD, CLONE_THREAD | kNamespaces)}},
      {"prctl", {is(0, PR_SET_NAME)}},
      {"ioctl", {is(1, FIONBIO)}},
      {"ioctl", {is(1, FIONREAD)}},  // of the resolver: how long is the answer?
      {"ioctl", {is(1, TCGETS)}},    // Is it a terminal?
      // A pair of datagram sockets could be pointed at any socket that has a name.
      {"socketpair", {is(0, AF_UNIX), has_type(SOCK_STREAM)}},
      {"open", {is(1, O_RDONLY, watched_flags)}},
      {"openat", {is(2, O_RDONLY, watched_flags)}},
  };
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      allowed.push_back({"socket", {is(0, family), has_type(type)}});
    }
  }
  // Without those that let a descriptor send signals to another process (F_SETOWN).
  for (const int command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW,
                            F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_GET_SEALS}) {
    allowed.push_back({"fcntl", {is(1, command)}});
  }
  return allowed;
}

/// Of a file that is open, no other: Landlock does not hold the times of files.
CallWithArguments sets_times() { return {"utimensat", {is_null(1)}}; }

std::vector<CallWithArguments> allowed_by(CallRules::Opening opening) {
  if (opening == CallRules::Opening::nothing) return allowed_where_nothing_is_opened();
  if (opening == CallRules::Opening::for_reading) return allowed_where_files_and_sockets_are_opened(kWriting);
  auto allowed = allowed_where_files_and_sockets_are_opened(0);
  allowed.push_back(sets_times());
  return allowed;
}

/// Adds rules to one filter and remembers the first error.
class Builder {
 public:
  Builder() : filter_(seccomp_init(SCMP_ACT_ERRNO(ENOSYS))) {
    if (filter_ == nullptr) note(-ENOMEM);
    set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);  // 32-bit calls have other numbers
    set(SCMP_FLTATR_CTL_OPTIMIZE, 2);                     // a binary tree
  }

  void add(std::uint32_t action, const char* call, std::vector<scmp_arg_cmp> conditions = {}) {
    if (error_ != 0) return;
    if (is_left_to_sanitizer(call)) {
      action = SCMP_ACT_ALLOW;
      conditions.clear();
    }
    const int number = seccomp_syscall_resolve_name(call);
    DOUTU_CHECK(number != __NR_SCMP_ERROR);  // a name that no machine has is misspelled
    note(seccomp_rule_add_array(filter_.get(), action, number, static_cast<unsigned>(conditions.size()),
                                conditions.data()));
  }

  Status load() {
    if (error_ == 0) note(seccomp_load(filter_.get()));
    // EFAULT is libseccomp's word for what fails inside it, which is an allocation.
    return error_ == 0 ? Status() : Status(system_error("seccomp", error_ == EFAULT ? ENOMEM : error_));
  }

 private:
  void set(scmp_filter_attr attribute, std::uint32_t value) {
    if (error_ == 0) note(seccomp_attr_set(filter_.get(), attribute, value));
  }
  void note(int result) {
    if (error_ == 0 && result < 0) error_ = -result;
  }

  std::unique_ptr<Filter, ReleaseFilter> filter_;
  int error_ = 0;
};

}  // namespace

Status filter_system_calls(const CallRules& rules) {
  Builder filter;
  for (const char* call : rules.deadly) filter.add(SCMP_ACT_KILL_PROCESS, call);
  for (const char* call : rules.allowed) filter.add(SCMP_ACT_ALLOW, call);
  for (const auto& [call, conditions] : allowed_to_every_process()) filter.add(SCMP_ACT_ALLOW, call, conditions);
  for (const auto& [call, conditions] : allowed_by(rules.opening)) filter.add(SCMP_ACT_ALLOW, call, conditions);
  return filter.load();
}

}  // namespace doutu

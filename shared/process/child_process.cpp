#include "shared/process/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "shared/base/system_limits.h"
#include "shared/process/child_environment.h"

namespace doutu {
namespace {

constexpr const char* kNothing = "/dev/null";

using Promises = std::vector<std::pair<int, int>>;

bool is_promised(const Promises& promises, int number) {
  return std::ranges::any_of(promises, [number](const auto& promise) { return promise.second == number; });
}

/// The first number above all that a child gets, standard input, output and error among them.
int end_of(const Promises& promises) {
  int end = STDERR_FILENO + 1;
  for (const auto& [fd, number] : promises) end = std::max(end, number + 1);
  return end;
}

/// What the child finds open: what is passed, /dev/null where a standard descriptor is not among that, and nothing
/// that this process inherited or that a library left open.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  Status promise(const Promises& promises) {
    const int end = end_of(promises);
    for (int number = 0; number < end; ++number) {
      if (!is_promised(promises, number)) promise_nothing(number);
    }
    for (const auto& [fd, number] : promises) {
      // A copy out of the way first: one number may be another's source.
      kept_.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, end));
      if (!kept_.back().valid()) return error_with_limit("cannot copy a descriptor");
      posix_spawn_file_actions_adddup2(&actions_, kept_.back().get(), number);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, end);
    return {};
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void promise_nothing(int number) {
    if (number > STDERR_FILENO) posix_spawn_file_actions_addclose(&actions_, number);
    if (number <= STDERR_FILENO) posix_spawn_file_actions_addopen(&actions_, number, kNothing, O_RDWR, 0);
  }

  posix_spawn_file_actions_t actions_{};
  std::vector<UniqueFd> kept_;
};

/// An own process group, no blocked signal, every handler and every ignored signal back to its default.
class FreshAttributes {
 public:
  FreshAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  FreshAttributes(const FreshAttributes&) = delete;
  FreshAttributes& operator=(const FreshAttributes&) = delete;
  ~FreshAttributes() { posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

/// As execve(2) wants them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// posix_spawn() does not say what was missing.
Error cannot_start(const std::string& program, int code) {
  const std::string what = "cannot start " + program;
  const char* const own_program = "/proc/self/exe";  // companion_program()
  for (const char* needed : {own_program, kNothing}) {
    if (::access(needed, needed == kNothing ? R_OK | W_OK : R_OK) != 0) return system_error(what + ": " + needed);
  }
  return error_with_limit(what, code);
}

int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

}  // namespace

std::string Exit::to_text() const {
  if (signal == 0) return "exit status " + std::to_string(status);
  const std::string words = "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  return signal == SIGSYS ? words + ": it made a system call that its sandbox forbids" : words;
}

bool Exit::is_crash() const {
  return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
         signal == SIGSYS;
}

Result<ChildProcess> ChildProcess::start(const Spawn& spawn) {
  FileActions actions;
  if (Status promised = actions.promise(spawn.fds); !promised) return std::move(promised).error();
  std::vector<std::string> words = {spawn.program};
  words.insert(words.end(), spawn.arguments.begin(), spawn.arguments.end());
  std::vector<std::string> environment = child_environment(environ, injection_of_this_build());

  pid_t pid = -1;
  const FreshAttributes attributes;
  const int failed = ::posix_spawn(&pid, spawn.program.c_str(), actions.get(), attributes.get(), pointers(words).data(),
                                   pointers(environment).data());
  if (failed != 0) return cannot_start(spawn.program, failed);
  UniqueFd pidfd(open_pidfd(pid));
  if (!pidfd.valid()) {
    const Error error = error_with_limit("cannot watch " + spawn.program);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return error;
  }
  return ChildProcess(pid, std::move(pidfd));
}

ChildProcess::~ChildProcess() {
  if (!pidfd_.valid() || reap()) return;
  signal(SIGKILL);
  wait();
}

void ChildProcess::signal(int number) const {
  if (!exit_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

/// Until it is reaped, nobody else has its pid.
void ChildProcess::allow_processor_time(seconds more) const {
  clockid_t clock{};
  timespec used{};
  rlimit limit{};
  if (exit_ || ::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return;
  if (::prlimit(pid_, RLIMIT_CPU, nullptr, &limit) != 0) return;
  const auto seconds_used = static_cast<rlim_t>(used.tv_sec) + 1;
  limit.rlim_cur = std::min(limit.rlim_max, seconds_used + static_cast<rlim_t>(more.count()));
  ::prlimit(pid_, RLIMIT_CPU, &limit, nullptr);
}

std::optional<Exit> ChildProcess::reap() { return reap_with(WNOHANG); }

Exit ChildProcess::wait() { return reap_with(0).value_or(Exit{}); }

std::optional<Exit> ChildProcess::reap_with(int options) {
  siginfo_t info{};
  int result = 0;
  while (!exit_) {
    result = ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info, WEXITED | options);
    if (result != 0 && errno == EINTR) continue;
    if (result != 0 || info.si_pid == 0) return std::nullopt;
    exit_ = info.si_code == CLD_EXITED ? Exit{info.si_status, 0} : Exit{0, info.si_status};
  }
  return exit_;
}

std::string companion_program(const std::string& name) {
  std::error_code ignored;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto beside = folder / name;
  if (::access(beside.c_str(), X_OK) == 0) return beside;
  const auto installed = (folder / DOUTU_LIBEXEC_FROM_BIN / name).lexically_normal();
  return ::access(installed.c_str(), X_OK) == 0 ? installed : beside;
}

}  // namespace doutu

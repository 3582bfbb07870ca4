// ChildProcess: one program that this process started. It runs in a process group of its own, so Ctrl-C reaches the
// parent alone. It gets the descriptors that it is given, and few environment variables (child_environment.h). It is
// watched and signalled by pidfd, so a reused pid is never hit. The destructor kills and reaps it. One thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

/// How a process ended.
struct Exit {
  int status = 0;  ///< Exit status, when signal is 0.
  int signal = 0;
  /// "exit status 1", "signal 11 (Segmentation fault)"; of SIGSYS also what it means.
  [[nodiscard]] std::string to_text() const;
  /// Killed by a fault of its own (SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS), not by somebody's SIGKILL.
  [[nodiscard]] bool is_crash() const;
};

struct Spawn {
  std::string program;                 ///< Path.
  std::vector<std::string> arguments;  ///< Without the program's own name.
  /// Descriptors of this process, and the numbers under which the child finds them. 0, 1 and 2 are /dev/null unless
  /// named here, and nothing else is open.
  std::vector<std::pair<int, int>> fds;
};

class ChildProcess {
 public:
  static Result<ChildProcess> start(const Spawn& spawn);
  ChildProcess(ChildProcess&&) noexcept = default;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Readable when the process has ended.
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }
  /// Does nothing once it has ended.
  void signal(int number) const;
  /// SIGXCPU ends it when its threads together have used so much more processor time than until now.
  void allow_processor_time(seconds more) const;
  /// How it ended; nullopt while it runs.
  std::optional<Exit> reap();
  Exit wait();

 private:
  ChildProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  std::optional<Exit> reap_with(int options);

  pid_t pid_;
  UniqueFd pidfd_;
  std::optional<Exit> exit_;
};

/// Path of another program of doutu: beside this one, as in the build tree; else where an installation has those that
/// nobody starts by hand, relative to this one ("../libexec/doutu"), so that the whole may be moved.
[[nodiscard]] std::string companion_program(const std::string& name);

}  // namespace doutu

#include "crawler/run/terminal_stop.h"

#include <unistd.h>

#include <csignal>

namespace doutu {

bool somebody_resumes_us() {
  const pid_t session = ::getsid(0);
  return session != ::getpid() && ::getsid(::getppid()) == session;
}

void stop_as_the_kernel_allows() {
  struct sigaction by_default {};
  struct sigaction ours {};
  by_default.sa_handler = SIG_DFL;
  ::sigaction(SIGTSTP, &by_default, &ours);
  ::raise(SIGTSTP);
  ::sigaction(SIGTSTP, &ours, nullptr);
}

}  // namespace doutu

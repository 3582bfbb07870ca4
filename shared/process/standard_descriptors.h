// Opens descriptors 0 to 2 where a program was started without them (`2>&-`, some supervisors). Else the next file that
// is opened would become "stderr", and log lines would be written into a lock or a ledger. First thing in every main.
#pragma once

#include <fcntl.h>
#include <unistd.h>

namespace doutu {

/// What is missing of them becomes /dev/null; not close-on-exec, as the others are not. open(2) takes the lowest free
/// number, so one above 2 tells that none is missing.
inline void open_standard_descriptors() {
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDWR);  // NOLINT(android-cloexec-open): a child needs it as well
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) ::close(fd);
}

}  // namespace doutu

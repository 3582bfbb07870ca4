#include "crawler/text/standard_output.h"

#include <cerrno>
#include <cstdio>

namespace doutu {
namespace {

/// errno of the first failure: stdout, of which it tells, is as global.
int failure = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

void print(std::string_view text) {
  if (failure != 0) return;
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  failure = errno != 0 ? errno : EIO;
}

Status printed() {
  if (failure != 0) return system_error("cannot write to standard output", failure);
  return {};
}

}  // namespace doutu

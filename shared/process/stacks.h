// How much memory the stacks of a process's threads may take. Called before the first thread starts.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <cstddef>

namespace doutu {

/// 8 MiB for each, what most systems give: a user's larger `ulimit -s` would count against a limit of memory
/// (shared/sandbox) that knows nothing of it.
inline void bound_stacks() {
  constexpr std::size_t kStack = std::size_t{8} << 20U;
  pthread_attr_t attributes{};
  std::size_t size = 0;
  if (::pthread_getattr_default_np(&attributes) != 0) return;
  ::pthread_attr_getstacksize(&attributes, &size);
  ::pthread_attr_setstacksize(&attributes, std::min(size, kStack));
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

}  // namespace doutu

#include "shared/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace doutu {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "E bug: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace doutu

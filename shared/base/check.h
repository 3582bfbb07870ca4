// DOUTU_CHECK: for bugs of ours only, never for input. Prints the place and aborts; the supervisor does the rest.
#pragma once

namespace doutu {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace doutu

#define DOUTU_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::doutu::check_failed(#condition, __FILE__, __LINE__))

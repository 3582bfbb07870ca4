// throw_if_no_memory(): for a call into a C library that fails only when memory runs out. The exception ends the
// program (shared/process/fatal_exit.h). Any thread.
#pragma once

#include <new>

namespace doutu {

inline void throw_if_no_memory(bool got) {
  if (!got) throw std::bad_alloc();
}

/// The pointer, which is not null.
template <class T>
[[nodiscard]] T* allocated(T* pointer) {
  throw_if_no_memory(pointer != nullptr);
  return pointer;
}

}  // namespace doutu

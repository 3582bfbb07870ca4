// throw_if_no_memory(): for what a C library returns unless memory runs out. What it throws ends the program
// (shared/process/fatal_exit.h): nothing here is worth going on without. Any thread.
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

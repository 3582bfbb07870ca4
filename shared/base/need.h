// need(): for what a C library gives unless memory is wanting. What it throws ends the program with its last words
// (shared/process/last_words.h): nothing here is worth going on without. Any thread.
#pragma once

#include <new>

namespace doutu {

inline void need(bool got) {
  if (!got) throw std::bad_alloc();
}

/// The pointer, which is not null.
template <class T>
[[nodiscard]] T* needed(T* pointer) {
  need(pointer != nullptr);
  return pointer;
}

}  // namespace doutu

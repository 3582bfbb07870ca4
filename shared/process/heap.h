// How much freed memory a process keeps. Called before the first thread starts.
#pragma once

#include <malloc.h>

namespace doutu {

/// Keeps up to 8 MiB, and gives back what is more. malloc on its own gives back every block above 128 KiB: for a page
/// or an image in a hundred thousand that is 4 KiB at a time to be cleared again, 15 % of a crawl's time (measured on
/// list pages of 42 KB and images of 4 KB).
inline void keep_freed_memory() {
  constexpr int kKept = 8 << 20;
  ::mallopt(M_TRIM_THRESHOLD, kKept);
  ::mallopt(M_MMAP_THRESHOLD, kKept);
}

}  // namespace doutu

// Sites: the places of a program at which memory was asked for, in a file that the library which lets them fail
// (failing_malloc.cpp) and the test share. Eight bytes a place, none of them 0; any number of processes and threads
// note at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace doutu {

struct Sites {
  static constexpr std::size_t kMost = std::size_t{1} << 15U;

  std::atomic<std::uint64_t> failed;                  ///< 1: the failure has happened.
  std::array<std::atomic<std::uint64_t>, kMost> met;  ///< A hash table by linear probing; 0 is free.

  /// A table that is full forgets.
  void note(std::uint64_t site) {
    for (std::size_t i = 0; i < kMost; ++i) {
      std::atomic<std::uint64_t>& slot = met[(site + i) % kMost];  // NOLINT(*-constant-array-index): within it
      std::uint64_t free = 0;
      if (slot.load(std::memory_order_relaxed) == site || slot.compare_exchange_strong(free, site) || free == site)
        return;
    }
  }
};

}  // namespace doutu

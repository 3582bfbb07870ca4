// PageCounters: what became of the pages of a job. A value.
#pragma once

#include <cstdint>

namespace doutu {

/// asked = done + empty + failed + pending.
struct PageCounters {
  std::uint64_t asked = 0;
  std::uint64_t done = 0;   ///< Came, with images.
  std::uint64_t empty = 0;  ///< Came, without any.
  std::uint64_t failed = 0;
  [[nodiscard]] std::uint64_t pending() const { return asked - done - empty - failed; }
  bool operator==(const PageCounters&) const = default;
};

}  // namespace doutu

// PageCounters: what became of the pages of a job. A value.
#pragma once

#include <cstdint>

namespace doutu {

/// asked = done + empty + failed + robots + beyond_end + pending.
struct PageCounters {
  std::uint64_t asked = 0;
  std::uint64_t done = 0;   ///< Came, with images or links.
  std::uint64_t empty = 0;  ///< Came, without any.
  std::uint64_t failed = 0;
  std::uint64_t robots = 0;      ///< Not asked for: robots.txt forbids it.
  std::uint64_t beyond_end = 0;  ///< Not there, or not asked for: an open range has ended before them.
  std::uint64_t known = 0;       ///< Not asked for: links lead there, and an earlier job has all of it.
  [[nodiscard]] std::uint64_t pending() const { return asked - done - empty - failed - robots - beyond_end; }
  bool may_grow = false;  ///< Those that are asked may become more in a way that nobody can tell.
  bool operator==(const PageCounters&) const = default;
};

}  // namespace doutu

// Spot: where an image was found: a page, and its place among the page's hits. A value.
#pragma once

#include <cstdint>

namespace doutu {

struct Spot {
  std::uint64_t page = 0;
  std::uint32_t position = 0;  ///< From 0.
  bool operator==(const Spot&) const = default;
};

}  // namespace doutu

// Decodes an image to tell whether all its pixels are there. In doutu-decoder; one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace doutu {

enum class Decoded {
  whole,      ///< Every pixel came from bytes that are there.
  not_whole,  ///< Some did not, or the library cannot read the image.
  too_large,  ///< By the size that it announces it would take more memory or time than an image gets.
};

/// Type: "jpeg", "png" or "gif"; any other is not_whole.
[[nodiscard]] Decoded decode(std::string_view type, std::span<const std::uint8_t> image);

}  // namespace doutu

// The longest URL. Any thread.
#pragma once

#include <cstddef>

namespace doutu {

/// Longest URL that doutu handles, in bytes; a longer one is the outcome url-too-long.
inline constexpr std::size_t kMaxUrlBytes = 16000;

}  // namespace doutu

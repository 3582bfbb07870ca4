// Decodes an image to tell whether all its pixels are there. In doutu-decoder; one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "downloader/decoder/decode_result.h"

namespace doutu {

/// Type: "jpeg", "png" or "gif"; any other is not_whole.
[[nodiscard]] DecodeResult decode(std::string_view type, std::span<const std::uint8_t> image);

}  // namespace doutu

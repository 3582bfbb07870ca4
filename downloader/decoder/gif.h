// GIF by giflib. An image is whole when all lines of the last frame that began were decoded from codes that are there;
// what follows, the end code, the terminator of the data and the trailer, may be missing. In doutu-decoder.
#pragma once

#include <cstdint>
#include <span>

#include "downloader/decoder/decode_result.h"

namespace doutu {

[[nodiscard]] DecodeResult decode_gif(std::span<const std::uint8_t> image);

}  // namespace doutu

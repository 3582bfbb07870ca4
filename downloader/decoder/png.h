// PNG by libpng, with its animation. An image is whole when every row of its last pass was decoded; what follows, the
// end of the compressed data, its checksums and IEND, may be missing. In doutu-decoder.
#pragma once

#include <cstdint>
#include <span>

#include "downloader/decoder/decode_result.h"

namespace doutu {

/// Of an animation every frame must be whole, and there must be as many as it announces.
[[nodiscard]] DecodeResult decode_png(std::span<const std::uint8_t> image);

}  // namespace doutu

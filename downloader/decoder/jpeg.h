// JPEG by libjpeg-turbo. Its entropy decoder warns when it needs a bit that is not there, and only then; so an image is
// whole when a scan ends without any warning about data with which nothing is wanting. What stands behind is not looked
// at: EOI, nothing, or what a maker left there. In doutu-decoder.
#pragma once

#include <cstdint>
#include <span>

#include "downloader/decoder/decode_result.h"

namespace doutu {

/// An image in arithmetic coding is never whole: libjpeg invents what it lacks without a word.
[[nodiscard]] DecodeResult decode_jpeg(std::span<const std::uint8_t> image);

}  // namespace doutu

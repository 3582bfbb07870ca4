// Small pictures drawn from a number: what the demo serves and what tests crawl. A face on a coloured ground; every
// number has a file of its own, the same on every machine. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace doutu {

/// Side of the pictures that people see, in pixels.
inline constexpr int kPictureSide = 88;

/// A PNG file (ISO/IEC 15948) of side x side pixels in 16 colours: about 4 KiB at 88, 1 KiB at 40. The number stands in
/// a tEXt chunk too, so that no two numbers have the same bytes. side: 8 to 256.
[[nodiscard]] std::string draw_image(std::uint64_t number, int side = kPictureSide);

}  // namespace doutu

// The pictures in a PNG: the image itself and the frames of its animation, each with its compressed data where it lies
// in the file. The last chunk may be torn. In doutu-decoder.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace doutu {

using ImageBytes = std::span<const std::uint8_t>;

inline constexpr std::array<std::uint8_t, 8> kPngSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

struct PngPicture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<ImageBytes> data;
};

struct PngPictures {
  ImageBytes header;   ///< Content of IHDR, 13 bytes.
  ImageBytes palette;  ///< Content of PLTE; empty: there is none.
  std::vector<PngPicture> all;
};

/// nullopt: what is there is damaged, or a frame that was announced is missing.
[[nodiscard]] std::optional<PngPictures> find_png_pictures(ImageBytes image);

}  // namespace doutu

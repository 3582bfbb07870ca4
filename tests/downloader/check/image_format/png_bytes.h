// Which bytes of a PNG a decoder cannot do without, for tests that flip every bit of them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "downloader/check/image_format/step_format.h"

namespace doutu {

/// Of a whole PNG: the signature, the chunks that decoders need, and the lengths of all.
inline std::vector<std::size_t> bytes_that_matter(std::string_view png) {
  std::vector<std::size_t> places;
  const auto add = [&places](std::size_t begin, std::size_t end) {
    for (; begin < end; ++begin) places.push_back(begin);
  };
  add(0, 8);
  for (std::size_t chunk = 8; chunk < png.size();) {
    const std::string_view type = png.substr(chunk + 4, 4);
    const std::size_t end = chunk + 12 + be32(std::as_bytes(std::span(png)), chunk);
    const bool is_needed = type == "IHDR" || type == "PLTE" || type == "IDAT" || type == "fdAT";
    add(chunk, is_needed ? end : chunk + 4);
    chunk = end;
  }
  return places;
}

}  // namespace doutu

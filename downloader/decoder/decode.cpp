#include "downloader/decoder/decode.h"

namespace doutu {

Decoded decode(std::string_view /*type*/, std::span<const std::uint8_t> /*image*/) { return Decoded::not_whole; }

}  // namespace doutu

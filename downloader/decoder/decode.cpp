#include "downloader/decoder/decode.h"

#include "downloader/decoder/gif.h"
#include "downloader/decoder/jpeg.h"
#include "downloader/decoder/png.h"

namespace doutu {

DecodeResult decode(std::string_view type, std::span<const std::uint8_t> image) {
  if (type == "jpeg") return decode_jpeg(image);
  if (type == "png") return decode_png(image);
  if (type == "gif") return decode_gif(image);
  return DecodeResult::not_whole;
}

}  // namespace doutu

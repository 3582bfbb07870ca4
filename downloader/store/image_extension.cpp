#include "downloader/store/image_extension.h"

#include <algorithm>
#include <array>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

struct Known {
  std::string_view extension, type;
};

/// The first of a type is its usual one. Cameras' raw files are TIFF by signature; no signature is a compressed SVG.
constexpr std::array kKnown{
    Known{".jpg", "jpeg"},   Known{".jpeg", "jpeg"},  Known{".jpe", "jpeg"},  Known{".jfif", "jpeg"},
    Known{".pjp", "jpeg"},   Known{".pjpeg", "jpeg"}, Known{".png", "png"},   Known{".apng", "png"},
    Known{".gif", "gif"},    Known{".webp", "webp"},  Known{".avif", "avif"}, Known{".avifs", "avif"},
    Known{".heic", "heic"},  Known{".heif", "heic"},  Known{".hif", "heic"},  Known{".heics", "heic"},
    Known{".heifs", "heic"}, Known{".bmp", "bmp"},    Known{".dib", "bmp"},   Known{".svg", "svg"},
    Known{".svgz", ""},      Known{".ico", "ico"},    Known{".cur", "ico"},   Known{".tiff", "tiff"},
    Known{".tif", "tiff"},   Known{".dng", "tiff"},   Known{".nef", "tiff"},  Known{".cr2", "tiff"},
    Known{".arw", "tiff"},   Known{".jxl", "jxl"},
};

const Known* find_known(std::string_view extension) {
  const auto* const found = std::ranges::find_if(
      kKnown, [&](const Known& known) { return equals_ignoring_case(extension, known.extension); });
  return found == kKnown.end() ? nullptr : found;
}

}  // namespace

std::string_view image_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view extension = name.substr(dot);
  return find_known(extension) == nullptr ? std::string_view() : extension;
}

bool extension_fits(std::string_view extension, std::string_view type) {
  const Known* known = find_known(extension);
  return known != nullptr && known->type == type;
}

std::string_view extension_of_type(std::string_view type) {
  if (type.empty()) return {};
  const auto* const found = std::ranges::find(kKnown, type, &Known::type);
  return found == kKnown.end() ? std::string_view() : found->extension;
}

}  // namespace doutu

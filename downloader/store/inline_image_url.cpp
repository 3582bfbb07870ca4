#include "downloader/store/inline_image_url.h"

namespace doutu {
namespace {

constexpr std::string_view kPrefix = "data:sha256/";

}  // namespace

std::string inline_image_url(const Sha256& sha256) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string url(kPrefix);
  for (const std::byte byte : sha256) {
    url += kHex[std::to_integer<std::size_t>(byte >> 4U)];
    url += kHex[std::to_integer<std::size_t>(byte & std::byte{0xf})];
  }
  return url;
}

std::string_view inline_image_hash(std::string_view url) {
  return url.starts_with(kPrefix) ? url.substr(kPrefix.size()) : std::string_view();
}

}  // namespace doutu

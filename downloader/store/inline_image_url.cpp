#include "downloader/store/inline_image_url.h"

#include "shared/base/hex.h"

namespace doutu {
namespace {

constexpr std::string_view kPrefix = "data:sha256/";

}  // namespace

std::string inline_image_url(const Sha256& sha256) {
  std::string url(kPrefix);
  append_hex(url, sha256);
  return url;
}

std::string_view inline_image_hash(std::string_view url) {
  return url.starts_with(kPrefix) ? url.substr(kPrefix.size()) : std::string_view();
}

}  // namespace doutu

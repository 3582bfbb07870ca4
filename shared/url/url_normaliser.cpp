#include "shared/url/url_normaliser.h"

#include <algorithm>
#include <array>

#include "shared/url/max_url_bytes.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// Characters of paths and queries that mean the same wherever they stand, a dot behind a slash left out.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~!$&()*+,;=:@/.";
  for (const char c : kCharacters) plain.at(static_cast<unsigned char>(c)) = true;
  return plain;
}();

bool is_plain(std::string_view path) {
  const bool has_plain_characters =
      std::ranges::all_of(path, [](char c) { return kPlain.at(static_cast<unsigned char>(c)); });
  return has_plain_characters && !path.starts_with('.') && path.find("/.") == std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> UrlNormaliser::normalise(std::string_view text) {
  if (!origin_.empty() && text.starts_with(origin_) && text.size() <= kMaxUrlBytes) {
    const std::string_view path = text.substr(origin_.size());
    const std::size_t query = std::min(path.find('?'), path.size());
    const bool is_plain_query = query == path.size() || is_plain(path.substr(query + 1));
    if (is_plain(path.substr(0, query)) && is_plain_query) return text;
  }
  auto url = normalise_url(text);
  if (!url) return std::nullopt;
  url_ = *std::move(url);
  origin_ = url_origin(url_);
  origin_ += '/';
  return url_;
}

}  // namespace doutu

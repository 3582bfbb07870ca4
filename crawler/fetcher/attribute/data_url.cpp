#include "crawler/fetcher/attribute/data_url.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <cstdint>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"
#include "shared/url/percent_encode.h"

namespace doutu {
namespace {

constexpr std::string_view kScheme = "data:";
constexpr std::size_t kShownBytes = 40;

/// As the URL standard leaves it: no controls at the ends, no tabs and newlines, no fragment, no scheme.
std::string path_of(std::string_view reference) {
  reference = trim_c0_controls_and_space(reference);
  std::string path(reference.substr(0, reference.find('#')));
  std::erase_if(path, is_tab_or_newline);
  return path.substr(kScheme.size());
}

constexpr std::uint8_t kNoSextet = 0xff;

constexpr std::array<std::uint8_t, 256> kSextets = [] {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> sextets{};
  sextets.fill(kNoSextet);
  std::uint8_t value = 0;
  for (const char letter : kAlphabet) sextets.at(static_cast<unsigned char>(letter)) = value++;
  return sextets;
}();

/// WHATWG Infra, "forgiving-base64 decode".
std::optional<std::string> base64_decode(std::string text) {
  std::erase_if(text, is_html_whitespace);
  for (int i = 0; i < 2 && text.size() % 4 != 1 && text.ends_with('='); ++i) {
    if (i == 0 && text.size() % 4 != 0) return std::nullopt;
    text.pop_back();
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::string decoded;
  decoded.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t sextet = kSextets.at(static_cast<unsigned char>(text[i]));
    if (sextet == kNoSextet) return std::nullopt;
    bits = bits << 6U | sextet;
    // The second, third and fourth of each four complete a byte.
    if (i % 4 != 0) decoded += static_cast<char>(bits >> (6U - 2U * (i % 4)) & 0xffU);
  }
  return decoded;
}

/// Whether a media type asks for base64; its last parameter does.
bool says_base64(std::string_view media_type) {
  constexpr std::string_view kWord = "base64";
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  if (media_type.size() < kWord.size()) return false;
  if (!equals_ignoring_case(media_type.substr(media_type.size() - kWord.size()), kWord)) return false;
  media_type.remove_suffix(kWord.size());
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  return media_type.ends_with(';');
}

}  // namespace

bool is_data_url(std::string_view reference) {
  std::size_t matched = 0;
  for (const char c : trim_c0_controls_and_space(reference)) {
    if (is_tab_or_newline(c)) continue;
    if (ascii_lower(c) != kScheme[matched]) return false;
    if (++matched == kScheme.size()) return true;
  }
  return false;
}

std::optional<std::string> decode_data_url(std::string_view reference) {
  const std::string path = path_of(reference);
  const std::size_t comma = path.find(',');
  if (comma == std::string::npos) return std::nullopt;
  std::string body = percent_decode(std::string_view(path).substr(comma + 1));
  if (!says_base64(std::string_view(path).substr(0, comma))) return body;
  return base64_decode(std::move(body));
}

std::string shorten_data_url(std::string_view reference) {
  const std::string path = path_of(reference);
  const std::string_view shown = std::string_view(path).substr(0, kShownBytes);
  return fmt::format("data:{}#{}-bytes-{:016x}", shown, path.size(), XXH3_64bits(path.data(), path.size()));
}

}  // namespace doutu

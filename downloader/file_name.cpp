#include "downloader/file_name.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "shared/base/escape.h"
#include "shared/http/url.h"

namespace doutu {
namespace {

constexpr std::array<std::string_view, 17> kExtensions = {"jpg", "jpeg", "jpe",  "jfif", "png", "apng",
                                                          "gif", "webp", "avif", "bmp",  "svg", "ico",
                                                          "tif", "tiff", "heic", "heif", "jxl"};
constexpr std::string_view kForbidden = "/\\:*?\"<>|";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
  return result;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0;
    const int low = escape ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      result += text[i];
    } else {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16 + low);
      i += 2;
    }
  }
  return result;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// Control, bidirectional and line-breaking characters: what escape.h escapes, plus what file systems refuse.
bool is_unsafe(std::string_view character) {
  if (character.size() == 1) {
    const auto byte = static_cast<unsigned char>(character[0]);
    return byte < 0x20 || byte >= 0x7f || kForbidden.find(character[0]) != std::string_view::npos;
  }
  return escape_for_terminal(character) != character;
}

std::string replace_unsafe(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, utf8_sequence(text)));
    is_unsafe(character) ? result += '_' : result += character;
    text.remove_prefix(character.size());
  }
  return result;
}

std::string trim(std::string_view text) {
  const auto begin = text.find_first_not_of(". ");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(". ") - begin + 1));
}

/// Windows gives these to devices, whatever the extension and the case (Naming Files, Paths, and Namespaces).
bool is_reserved(std::string_view name) {
  const std::string stem = lower(trim(name.substr(0, name.find('.'))));
  static constexpr std::array<std::string_view, 6> kDevices = {"con", "prn", "aux", "nul", "conin$", "conout$"};
  if (std::ranges::find(kDevices, stem) != kDevices.end()) return true;
  if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
  const std::string_view port = std::string_view(stem).substr(3);
  return (port.size() == 1 && port[0] >= '0' && port[0] <= '9') || port == "¹" || port == "²" || port == "³";
}

/// The extension with its dot when the name ends in that of an image, else empty.
std::string_view image_extension(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return "";
  const std::string extension = lower(name.substr(dot + 1));
  return std::ranges::find(kExtensions, extension) != kExtensions.end() ? name.substr(dot) : "";
}

std::string extension_of_type(std::string_view type) {
  if (type.empty()) return "";
  return type == "jpeg" ? ".jpg" : "." + replace_unsafe(type);
}

/// The first characters of text that fit into limit bytes.
std::string_view cut(std::string_view text, std::size_t limit) {
  std::size_t length = 0;
  while (length < text.size()) {
    const std::size_t next = length + std::max<std::size_t>(1, utf8_sequence(text.substr(length)));
    if (next > limit) break;
    length = next;
  }
  return text.substr(0, length);
}

std::string join_within_bound(std::string_view stem, std::string_view number, std::string_view extension) {
  const std::size_t rest = std::min(kMaxNameBytes, number.size() + extension.size());
  return std::string(cut(stem, kMaxNameBytes - rest)).append(number).append(extension);
}

}  // namespace

std::string file_name_for(std::string_view url, std::string_view type) {
  const std::string_view segment = url_last_segment(url);
  const std::string decoded = percent_decode(segment);
  std::string name = trim(replace_unsafe(is_utf8(decoded) ? std::string_view(decoded) : segment));
  if (is_reserved(name)) name.insert(0, "_");

  const std::string extension(image_extension(name));
  std::string stem = name.substr(0, name.size() - extension.size());
  if (stem.empty()) stem = "image";
  return trim(join_within_bound(stem, "", extension.empty() ? extension_of_type(type) : extension));
}

std::string numbered_name(std::string_view name, std::uint32_t number) {
  if (number <= 1) return std::string(name);
  const std::string_view extension = image_extension(name);
  return join_within_bound(name.substr(0, name.size() - extension.size()), "-" + std::to_string(number), extension);
}

bool is_numbered_name_of(std::string_view name, std::string_view other) {
  if (name == other) return true;
  const std::string_view stem = other.substr(0, other.size() - image_extension(other).size());
  const auto dash = stem.rfind('-');
  if (dash == std::string_view::npos) return false;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(stem.data() + dash + 1, stem.data() + stem.size(), number);
  return error == std::errc() && end == stem.data() + stem.size() && numbered_name(name, number) == other;
}

}  // namespace doutu

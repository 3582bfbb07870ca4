#include "crawler/fetcher/attribute/image_attribute.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "crawler/fetcher/attribute/data_url.h"

namespace doutu {
namespace {

constexpr std::size_t kSmallestInlineImage = 512;  // bytes of its URL

constexpr auto kImageEndings = std::to_array<std::string_view>(
    {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg", ".jfif", ".tif", ".tiff", ".heic", ".jxl"});

/// Attributes for people and programs to read, whatever they look like.
constexpr auto kTexts = std::to_array<std::string_view>(
    {"alt", "title", "class", "id", "name", "style", "value", "placeholder", "download", "aria-label"});

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// "/thumb?id=3" is a URL, "3" and "lazy load" are not.
bool is_url_like(std::string_view value) {
  return contains(value, "/") && value.find_first_of(" \t\n{}<>\"'") == std::string_view::npos;
}

}  // namespace

bool ends_like_an_image(std::string_view url) {
  const std::string_view path = url.substr(0, url.find_first_of("?#"));
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || path.size() - dot > 6) return false;
  std::string ending(path.substr(dot));
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::ranges::find(kImageEndings, ending) != kImageEndings.end();
}

bool is_lazy_attribute(std::string_view attribute) {
  return contains(attribute, "original") || contains(attribute, "lazy") ||
         (attribute.starts_with("data-") && (contains(attribute, "src") || contains(attribute, "ima") ||
                                             contains(attribute, "img") || contains(attribute, "url")));
}

bool looks_like_image(std::string_view element, std::string_view attribute, std::string_view value) {
  if (std::ranges::find(kTexts, attribute) != kTexts.end() || attribute.starts_with("on")) return false;
  if (is_data_url(value)) return value.size() >= kSmallestInlineImage && contains(value.substr(0, 16), "image/");
  if (ends_like_an_image(value)) return true;
  if (element == "img" && attribute == "src") return is_url_like(value) || !contains(value, " ");
  if (element == "img" || element == "source") {
    return attribute.ends_with("srcset") || (is_lazy_attribute(attribute) && is_url_like(value));
  }
  return false;
}

}  // namespace doutu

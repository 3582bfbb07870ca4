#include "downloader/store/file_name.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "downloader/store/image_extension.h"
#include "downloader/store/inline_image_url.h"
#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/base/whitespace.h"
#include "shared/url/percent_encode.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// What takes the place of a character: itself when that is safe. A character that nobody sees, or that file systems
/// pass over when they compare names, makes two names look or be the same.
std::string_view safe_form(std::string_view character) {
  constexpr std::string_view kForbidden = "/\\:*?\"<>|";
  const auto point = static_cast<UChar32>(utf8_code_point(character));
  switch (u_charType(point)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_UNASSIGNED:
      return "_";
    case U_SPACE_SEPARATOR:
      return " ";
    default:
      break;
  }
  const bool invisible = u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
  return invisible || kForbidden.find(character) != std::string_view::npos ? "_" : character;
}

std::string replace_unsafe(std::string_view text) {
  const auto is_plain = [](char c) { return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '_'; };
  std::string result;
  while (!text.empty()) {
    const auto plain = std::ranges::find_if_not(text, is_plain);  // Most are: append runs, not characters.
    result.append(text.begin(), plain);
    text.remove_prefix(static_cast<std::size_t>(plain - text.begin()));
    if (text.empty()) break;
    const std::size_t size = utf8_sequence(text);
    result += size == 0 ? "_" : safe_form(text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(1, size));
  }
  return result;
}

std::string_view trim_dots_and_spaces(std::string_view text) { return trim(text, ". "); }

/// Windows gives these to devices, whatever the extension and the case (Naming Files, Paths, and Namespaces); FAT calls
/// .doutu DOUTU~1 besides.
bool is_reserved(std::string_view name) {
  const std::string stem = ascii_lower(trim_dots_and_spaces(name.substr(0, name.find('.'))));
  static constexpr std::array<std::string_view, 7> kDevices = {"con",    "prn",     "aux",   "nul",
                                                               "conin$", "conout$", "clock$"};
  if (stem.starts_with("doutu~") || std::ranges::find(kDevices, stem) != kDevices.end()) return true;
  if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
  const std::string_view port = std::string_view(stem).substr(3);
  return (port.size() == 1 && is_ascii_digit(port[0])) || port == "¹" || port == "²" || port == "³";
}

/// The first characters of text that fit into limit bytes.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t length = 0;
  while (length < text.size()) {
    const std::size_t next = length + std::max<std::size_t>(1, utf8_sequence(text.substr(length)));
    if (next > limit) break;
    length = next;
  }
  return text.substr(0, length);
}

std::string join_within(std::size_t limit, std::string_view stem, std::string_view number, std::string_view extension) {
  const std::size_t rest = std::min(limit, number.size() + extension.size());
  return std::string(cut(stem, limit - rest)).append(number).append(extension);
}

/// The last segment of the URL's path, made safe; may be empty.
std::string safe_segment(std::string_view url) {
  const std::string_view hash = inline_image_hash(url);
  const std::string_view segment = hash.empty() ? url_last_segment(url) : hash;
  const std::string decoded = percent_decode(segment);
  std::string safe(trim_dots_and_spaces(replace_unsafe(is_utf8(decoded) ? std::string_view(decoded) : segment)));
  if (safe.starts_with('~')) safe[0] = '_';  // a shell's home
  return safe;
}

/// Takes the extension that stays off the name: nothing where the name has none, or one that is to be replaced.
std::string take_extension(std::string& name, std::string_view type, WrongExtension wrong) {
  std::string extension(image_extension(name));
  name.resize(name.size() - extension.size());
  const bool stays = wrong == WrongExtension::kept || type.empty() || extension_fits(extension, type);
  if (stays || extension.empty()) return extension;
  // "photo.jpg.webp" that is a JPEG is photo.jpg.
  std::string inner(image_extension(name));
  if (!extension_fits(inner, type)) return {};
  name.resize(name.size() - inner.size());
  return inner;
}

}  // namespace

std::string file_name_for(std::string_view url, std::string_view type, WrongExtension wrong, std::size_t limit) {
  std::string stem = safe_segment(url);
  std::string extension = take_extension(stem, type, wrong);
  if (extension.empty()) extension = extension_of_type(type);
  if (trim_dots_and_spaces(stem).empty()) stem = "image";
  if (is_reserved(stem)) stem.insert(0, "_");
  return std::string(trim_dots_and_spaces(join_within(limit, stem, "", extension)));
}

std::string plain_name(std::string_view hash, std::string_view type) {
  constexpr std::size_t kDigits = 16;  // of 64: two images that share them get numbers
  return std::string(hash.substr(0, kDigits)).append(extension_of_type(type));
}

std::string numbered_name(std::string_view name, std::uint32_t number, std::size_t limit) {
  return number <= 1 ? std::string(name) : suffixed_name(name, std::to_string(number), limit);
}

std::string suffixed_name(std::string_view name, std::string_view suffix, std::size_t limit) {
  const std::string_view extension = image_extension(name);
  return join_within(limit, name.substr(0, name.size() - extension.size()), "-" + std::string(suffix), extension);
}

}  // namespace doutu

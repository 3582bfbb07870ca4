#include "crawler/view/columns.h"

#include <wchar.h>  // NOLINT(modernize-deprecated-headers): wcwidth

#include <algorithm>
#include <array>
#include <clocale>
#include <vector>

#include "shared/base/ascii.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

std::uint32_t code_point(std::string_view sequence) {
  if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]);
  std::uint32_t point = static_cast<unsigned char>(sequence[0]) & (0x7FU >> sequence.size());
  for (const char byte : sequence.substr(1)) point = point << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
  return point;
}

/// wcwidth() knows Unicode only in a UTF-8 locale, and this process has none set: C.UTF-8 is always there.
std::size_t columns_of_point(std::uint32_t point) {
  static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (point < 0x80 || unicode == nullptr) return 1;
  const locale_t before = ::uselocale(unicode);
  const int columns = ::wcwidth(static_cast<wchar_t>(point));
  ::uselocale(before);
  return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

/// Calls visit(sequence, columns) for each character as long as it returns true.
template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (!visit(sequence, length == 0 ? 1 : columns_of_point(code_point(sequence)))) return;
    text.remove_prefix(sequence.size());
  }
}

/// The front of the text that fits.
std::string_view front(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  for_each_character(text, [&](std::string_view sequence, std::size_t width) {
    if (width > columns) return false;
    columns -= width;
    bytes += sequence.size();
    return true;
  });
  return text.substr(0, bytes);
}

/// The back of the text that fits.
std::string_view back(std::string_view text, std::size_t columns) {
  std::size_t skip = columns_of(text);
  skip -= std::min(skip, columns);
  std::size_t bytes = 0;
  for_each_character(text, [&](std::string_view sequence, std::size_t width) {
    if (skip == 0 && width > 0) return false;
    skip -= std::min(skip, width);
    bytes += sequence.size();
    return true;
  });
  return text.substr(bytes);
}

std::string_view mark(Charset charset) { return charset == Charset::utf8 ? "…" : "~"; }

}  // namespace

Charset charset_of_locale(const char* (*look_up)(const char* name)) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = look_up(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string lower = ascii_lower(value);
    const bool utf8 = lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
    return utf8 ? Charset::utf8 : Charset::ascii;
  }
  return Charset::ascii;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for_each_character(text, [&columns](std::string_view, std::size_t width) {
    columns += width;
    return true;
  });
  return columns;
}

std::string cut_to_columns(std::string_view text, std::size_t columns, Charset charset) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  return std::string(front(text, columns - 1)).append(mark(charset));
}

std::string cut_middle(std::string_view text, std::size_t columns, Charset charset) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns < 8) return cut_to_columns(text, columns, charset);
  const std::size_t last = (columns - 1) / 2;
  return std::string(front(text, columns - 1 - last)).append(mark(charset)).append(back(text, last));
}

std::string in_charset(std::string_view text, Charset charset) {
  if (charset == Charset::utf8) return std::string(text);
  std::string ascii;
  for_each_character(text, [&ascii](std::string_view sequence, std::size_t width) {
    const bool is_ascii = static_cast<unsigned char>(sequence[0]) < 0x80;
    is_ascii ? ascii.append(sequence) : ascii.append(width, '?');
    return true;
  });
  return ascii;
}

std::string bar(std::uint64_t done, std::uint64_t total, std::size_t columns, Charset charset) {
  constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const std::size_t parts = charset == Charset::utf8 ? 8 : 1;
  const std::size_t steps = columns * parts;
  const double share = total == 0 ? 0 : static_cast<double>(std::min(done, total)) / static_cast<double>(total);
  auto filled = static_cast<std::size_t>(share * static_cast<double>(steps));
  if (total > 0 && done >= total) filled = steps;
  if (done > 0 && done < total && steps > 1) filled = std::clamp<std::size_t>(filled, 1, steps - 1);

  std::string text;
  for (std::size_t i = 0; i < filled / parts; ++i) text += charset == Charset::utf8 ? "█" : "#";
  text += kEighths.at(filled % parts);
  const std::size_t used = (filled + parts - 1) / parts;
  for (std::size_t i = used; i < columns; ++i) text += charset == Charset::utf8 ? "░" : ".";
  return text;
}

}  // namespace doutu

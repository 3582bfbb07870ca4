// Encoding: the 40 encodings that browsers read, and the 228 labels that pages and people call them by (WHATWG Encoding
// section 4.2). Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace doutu {

/// In the standard's order, under the standard's names. A label may mean more than it says: "gb2312" is gbk,
/// "iso-8859-1" is windows_1252.
enum class Encoding : std::uint8_t {
  utf_8,
  ibm866,
  iso_8859_2,
  iso_8859_3,
  iso_8859_4,
  iso_8859_5,
  iso_8859_6,
  iso_8859_7,
  iso_8859_8,
  iso_8859_8_i,
  iso_8859_10,
  iso_8859_13,
  iso_8859_14,
  iso_8859_15,
  iso_8859_16,
  koi8_r,
  koi8_u,
  macintosh,
  windows_874,
  windows_1250,
  windows_1251,
  windows_1252,
  windows_1253,
  windows_1254,
  windows_1255,
  windows_1256,
  windows_1257,
  windows_1258,
  x_mac_cyrillic,
  gbk,
  gb18030,
  big5,
  euc_jp,
  iso_2022_jp,
  shift_jis,
  euc_kr,
  replacement,
  utf_16be,
  utf_16le,
  x_user_defined
};
inline constexpr std::size_t kEncodingCount = static_cast<std::size_t>(Encoding::x_user_defined) + 1;

/// The encoding of a label, in any case and with ASCII white space around; nullopt when browsers know none of that
/// name.
[[nodiscard]] std::optional<Encoding> encoding_from_label(std::string_view label);

/// As the standard writes it: "windows-1252", "Shift_JIS".
[[nodiscard]] std::string_view encoding_name(Encoding encoding);

}  // namespace doutu

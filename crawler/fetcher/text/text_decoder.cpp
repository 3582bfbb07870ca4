#include "crawler/fetcher/text/text_decoder.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "crawler/fetcher/text/character_index.h"
#include "crawler/fetcher/text/double_byte_table.h"
#include "crawler/fetcher/text/gb18030_forms.h"
#include "crawler/fetcher/text/utf8.h"

namespace doutu {
namespace {

// A step reads one character that is not ASCII at the front of its text and appends it, or U+FFFD; it returns how many
// bytes that took, at least one.

std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// Runs of ASCII are copied whole, the rest goes through steps.
template <class Step>
std::string decode_by_steps(std::string_view text, Step step) {
  std::string out;
  out.reserve(text.size() + text.size() / 2);
  while (true) {
    const std::size_t ascii = ascii_prefix(text);
    out += text.substr(0, ascii);
    text.remove_prefix(ascii);
    if (text.empty()) return out;
    text.remove_prefix(step(text, out));
  }
}

std::size_t replace(std::string& out, std::size_t taken) {
  append_utf8(out, kReplacementCharacter);
  return taken;
}

/// Two bytes that find(pointer) makes a code point of, 0 for none. An ASCII byte behind a lead is not lost: it may be
/// the quote that ends an attribute.
template <class Find>
std::size_t decode_pair(std::string_view text, std::string& out, const DoubleByteTable& grid, Find find) {
  if (!grid.leads.holds(byte_at(text, 0)) || text.size() == 1) return replace(out, 1);
  const auto pointer = grid.pointer(byte_at(text, 0), byte_at(text, 1));
  const char32_t code_point = pointer ? find(*pointer) : 0;
  if (code_point == 0) return replace(out, is_ascii(text[1]) ? 1 : 2);
  append_utf8(out, code_point);
  return 2;
}

std::string decode_single_byte(std::string_view text, Encoding encoding) {
  const CharacterIndex& index = CharacterIndex::single_byte(encoding);
  return decode_by_steps(text, [&](std::string_view rest, std::string& out) -> std::size_t {
    const char32_t code_point = index.code_point(byte_at(rest, 0) - 0x80U);
    append_utf8(out, code_point == 0 ? kReplacementCharacter : code_point);
    return 1;
  });
}

std::string decode_euc_kr(std::string_view text) {
  const CharacterIndex& index = CharacterIndex::euc_kr();
  return decode_by_steps(text, [&](std::string_view rest, std::string& out) {
    return decode_pair(rest, out, kEucKrGrid, [&](std::size_t pointer) { return index.code_point(pointer); });
  });
}

/// The four pairs that are two code points: a letter that Unicode has with no such accent.
std::optional<std::string_view> big5_combination(std::string_view text) {
  if (text.starts_with("\x88\x62")) return "\xc3\x8a\xcc\x84";
  if (text.starts_with("\x88\x64")) return "\xc3\x8a\xcc\x8c";
  if (text.starts_with("\x88\xa3")) return "\xc3\xaa\xcc\x84";
  if (text.starts_with("\x88\xa5")) return "\xc3\xaa\xcc\x8c";
  return std::nullopt;
}

std::string decode_big5(std::string_view text) {
  const CharacterIndex& index = CharacterIndex::big5();
  return decode_by_steps(text, [&](std::string_view rest, std::string& out) -> std::size_t {
    if (const auto combination = big5_combination(rest)) return out += *combination, 2;
    return decode_pair(rest, out, kBig5Grid, [&](std::size_t pointer) { return index.code_point(pointer); });
  });
}

std::size_t decode_half_width_katakana(std::uint8_t byte, std::string& out, std::size_t taken) {
  append_utf8(out, static_cast<char32_t>(0xff61 + byte - 0xa1));
  return taken;
}

std::string decode_shift_jis(std::string_view text) {
  const CharacterIndex& index = CharacterIndex::jis0208();
  const auto find = [&](std::size_t pointer) {
    const bool is_private = pointer >= 8836 && pointer <= 10715;  // Rows F0 to F9.
    return is_private ? static_cast<char32_t>(0xe000 + pointer - 8836) : index.code_point(pointer);
  };
  return decode_by_steps(text, [&](std::string_view rest, std::string& out) {
    const std::uint8_t lead = byte_at(rest, 0);
    if (lead == 0x80) return append_utf8(out, lead), std::size_t{1};
    if (lead >= 0xa1 && lead <= 0xdf) return decode_half_width_katakana(lead, out, 1);
    return decode_pair(rest, out, kShiftJisGrid, find);
  });
}

std::string decode_euc_jp(std::string_view text) {
  const CharacterIndex& jis0208 = CharacterIndex::jis0208();
  const auto find = [&](std::size_t pointer) { return jis0208.code_point(pointer); };
  const auto find_212 = [](std::size_t pointer) { return CharacterIndex::jis0212().code_point(pointer); };
  return decode_by_steps(text, [&](std::string_view rest, std::string& out) {
    const std::uint8_t lead = byte_at(rest, 0);
    if (lead != 0x8e && lead != 0x8f) return decode_pair(rest, out, kEucJpGrid, find);
    if (rest.size() == 1 || is_ascii(rest[1])) return replace(out, 1);
    const std::uint8_t second = byte_at(rest, 1);
    if (lead == 0x8e && second >= 0xa1 && second <= 0xdf) return decode_half_width_katakana(second, out, 2);
    if (lead == 0x8e || !kEucJpGrid.leads.holds(second)) return replace(out, 2);
    return 1 + decode_pair(rest.substr(1), out, kEucJpGrid, find_212);
  });
}

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

/// Precondition: the first two bytes are those of a four-byte form.
std::size_t decode_four_bytes(std::string_view text, std::string& out) {
  const auto is_lead = [](std::uint8_t byte) { return byte >= 0x81 && byte <= 0xfe; };
  if (text.size() > 2 && !is_lead(byte_at(text, 2))) return replace(out, 1);
  if (text.size() > 3 && !is_digit(byte_at(text, 3))) return replace(out, 1);
  if (text.size() < 4) return replace(out, text.size());
  const auto digit = [&](std::size_t i, std::uint8_t first) { return std::size_t{byte_at(text, i)} - first; };
  const std::size_t pointer = ((digit(0, 0x81) * 10 + digit(1, '0')) * 126 + digit(2, 0x81)) * 10 + digit(3, '0');
  const char32_t code_point = gb18030_code_point(pointer);
  append_utf8(out, code_point == 0 ? kReplacementCharacter : code_point);
  return 4;
}

std::string decode_gb18030(std::string_view text) {
  const CharacterIndex& index = CharacterIndex::gb18030();
  const auto find = [&](std::size_t pointer) { return index.code_point(pointer); };
  return decode_by_steps(text, [&](std::string_view rest, std::string& out) {
    if (rest[0] == '\x80') return append_utf8(out, U'\u20ac'), std::size_t{1};
    const bool is_lead = kGb18030Grid.leads.holds(byte_at(rest, 0));
    if (is_lead && rest.size() > 1 && is_digit(byte_at(rest, 1))) return decode_four_bytes(rest, out);
    return decode_pair(rest, out, kGb18030Grid, find);
  });
}

/// ISO-2022-JP switches between four sets by escape sequences (section 12.2.1).
class Iso2022JpDecoder {
 public:
  std::string decode(std::string_view text) {
    while (!text.empty()) text.remove_prefix(text[0] == '\x1b' ? escape(text) : character(text));
    return std::move(out_);
  }

 private:
  enum class Set { ascii, roman, katakana, jis0208 };

  static std::optional<Set> set_of(std::string_view text) {
    if (text.starts_with("\x1b(B")) return Set::ascii;
    if (text.starts_with("\x1b(J")) return Set::roman;
    if (text.starts_with("\x1b(I")) return Set::katakana;
    if (text.starts_with("\x1b$@") || text.starts_with("\x1b$B")) return Set::jis0208;
    return std::nullopt;
  }

  /// An escape right behind another is an error: it hides text from filters.
  std::size_t escape(std::string_view text) {
    const auto set = set_of(text);
    if (!set || just_switched_) append_utf8(out_, kReplacementCharacter);
    just_switched_ = set.has_value();
    if (!set) return 1;
    set_ = *set;
    return 3;
  }

  std::size_t character(std::string_view text) {
    just_switched_ = false;
    if (set_ == Set::jis0208) return pair(text);
    append_utf8(out_, single(byte_at(text, 0)));
    return 1;
  }

  [[nodiscard]] char32_t single(std::uint8_t byte) const {
    if (set_ == Set::katakana)
      return byte >= 0x21 && byte <= 0x5f ? char32_t{0xff61} + byte - 0x21 : kReplacementCharacter;
    if (set_ == Set::roman && byte == 0x5c) return 0xa5;
    if (set_ == Set::roman && byte == 0x7e) return 0x203e;
    return byte < 0x80 && byte != 0x0e && byte != 0x0f ? byte : kReplacementCharacter;
  }

  /// Other than in the other encodings, an ASCII byte behind a lead is lost, but for an escape.
  std::size_t pair(std::string_view text) {
    const bool is_lead = kIso2022JpGrid.leads.holds(byte_at(text, 0));
    if (!is_lead || text.size() == 1 || text[1] == '\x1b') return replace(out_, 1);
    const auto pointer = kIso2022JpGrid.pointer(byte_at(text, 0), byte_at(text, 1));
    const char32_t code_point = pointer ? CharacterIndex::jis0208().code_point(*pointer) : 0;
    append_utf8(out_, code_point == 0 ? kReplacementCharacter : code_point);
    return 2;
  }

  std::string out_;
  Set set_ = Set::ascii;
  bool just_switched_ = false;
};

class Utf16Reader {
 public:
  Utf16Reader(std::string_view text, Encoding encoding) : text_(text), high_(encoding == Encoding::utf_16be ? 0 : 1) {}

  std::string decode() {
    std::string out;
    out.reserve(text_.size());
    while (text_.size() > 1) append_utf8(out, take_code_point());
    if (!text_.empty()) append_utf8(out, kReplacementCharacter);
    return out;
  }

 private:
  static bool is_surrogate(char32_t unit, char32_t first) { return unit >= first && unit < first + 0x400; }

  [[nodiscard]] char32_t unit() const {
    return static_cast<char32_t>(byte_at(text_, high_) << 8U | byte_at(text_, 1 - high_));
  }

  char32_t take_code_point() {
    const char32_t first = unit();
    text_.remove_prefix(2);
    if (is_surrogate(first, 0xdc00)) return kReplacementCharacter;
    if (!is_surrogate(first, 0xd800)) return first;
    if (text_.size() < 2) return text_ = {}, kReplacementCharacter;
    const char32_t second = unit();
    if (!is_surrogate(second, 0xdc00)) return kReplacementCharacter;
    text_.remove_prefix(2);
    return 0x10000 + ((first - 0xd800) << 10U) + (second - 0xdc00);
  }

  std::string_view text_;
  const std::size_t high_;  ///< Which byte of a unit is the high one.
};

std::string decode_user_defined(std::string_view text) {
  return decode_by_steps(text, [](std::string_view rest, std::string& out) -> std::size_t {
    append_utf8(out, char32_t{0xf780} + byte_at(rest, 0) - 0x80);
    return 1;
  });
}

}  // namespace

std::string decode_text(std::string bytes, Encoding encoding) {
  switch (encoding) {
    case Encoding::utf_8:
      return repair_utf8(std::move(bytes));
    case Encoding::gbk:
    case Encoding::gb18030:
      return decode_gb18030(bytes);
    case Encoding::big5:
      return decode_big5(bytes);
    case Encoding::euc_jp:
      return decode_euc_jp(bytes);
    case Encoding::iso_2022_jp:
      return Iso2022JpDecoder().decode(bytes);
    case Encoding::shift_jis:
      return decode_shift_jis(bytes);
    case Encoding::euc_kr:
      return decode_euc_kr(bytes);
    case Encoding::utf_16be:
    case Encoding::utf_16le:
      return Utf16Reader(bytes, encoding).decode();
    case Encoding::x_user_defined:
      return decode_user_defined(bytes);
    case Encoding::replacement:  // Of encodings that hide markup in what looks like text: nothing of such a page is
                                 // read.
      return bytes.empty() ? "" : "\xef\xbf\xbd";
    default:
      return decode_single_byte(bytes, encoding);
  }
}

}  // namespace doutu

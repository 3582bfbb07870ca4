#include "crawler/fetcher/text/text_encoder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "crawler/fetcher/text/character_index.h"
#include "crawler/fetcher/text/double_byte_table.h"
#include "crawler/fetcher/text/gb18030_forms.h"
#include "crawler/fetcher/text/utf8.h"

namespace doutu {
namespace {

using Bytes = std::string;

Bytes lacking(char32_t code_point) { return "%26%23" + std::to_string(static_cast<std::uint32_t>(code_point)) + "%3B"; }

template <class... Byte>
Bytes bytes_of(Byte... bytes) {
  return {static_cast<char>(bytes)...};
}

std::optional<Bytes> pair_of(const DoubleByteTable& grid, std::optional<std::size_t> pointer) {
  if (!pointer) return std::nullopt;
  const auto [lead, trail] = grid.bytes(*pointer);
  return bytes_of(lead, trail);
}

// An encode function takes a code point above U+007F; nullopt: the encoding lacks it.

std::optional<Bytes> encode_single_byte(Encoding encoding, char32_t c) {
  const auto pointer = CharacterIndex::single_byte(encoding).pointer(c);
  if (!pointer) return std::nullopt;
  return bytes_of(0x80 + *pointer);
}

std::optional<Bytes> encode_gb18030(char32_t c) {
  if (c == 0xe5e5) return std::nullopt;  // Would come back as U+3000.
  if (const auto old = gb18030_bytes_before_2005(c)) return bytes_of(*old >> 8U, *old & 0xffU);
  if (const auto pointer = CharacterIndex::gb18030().pointer(c)) return pair_of(kGb18030Grid, pointer);
  const std::size_t pointer = gb18030_pointer(c);
  return bytes_of(0x81 + pointer / 12600, '0' + pointer / 1260 % 10, 0x81 + pointer / 10 % 126, '0' + pointer % 10);
}

std::optional<Bytes> encode_gbk(char32_t c) {
  if (c == 0x20ac) return bytes_of(0x80);
  const auto bytes = encode_gb18030(c);
  return bytes && bytes->size() == 2 ? bytes : std::nullopt;
}

/// The part that Hong Kong added is for reading only. Six line and number characters are written in their later place.
std::optional<Bytes> encode_big5(char32_t c) {
  constexpr std::u32string_view kLastPlace = U"\u2550\u255e\u2561\u256a\u5341\u5345";
  static const std::size_t standard = kBig5Grid.pointer(0xa1, 0x40).value();
  auto places = CharacterIndex::big5().places(c);
  while (!places.empty() && places.front().second < standard) places = places.subspan(1);
  if (places.empty()) return std::nullopt;
  const bool last = kLastPlace.find(c) != std::u32string_view::npos;
  return pair_of(kBig5Grid, (last ? places.back() : places.front()).second);
}

std::optional<Bytes> encode_euc_kr(char32_t c) { return pair_of(kEucKrGrid, CharacterIndex::euc_kr().pointer(c)); }

bool is_half_width_katakana(char32_t c) { return c >= 0xff61 && c <= 0xff9f; }

/// What the Japanese sets have in place of the minus sign.
char32_t full_width_minus(char32_t c) { return c == 0x2212 ? 0xff0d : c; }

std::optional<Bytes> encode_yen_or_overline(char32_t c) {
  if (c == 0xa5) return bytes_of(0x5c);
  if (c == 0x203e) return bytes_of(0x7e);
  return std::nullopt;
}

std::optional<Bytes> encode_euc_jp(char32_t c) {
  if (auto bytes = encode_yen_or_overline(c)) return bytes;
  if (is_half_width_katakana(c)) return bytes_of(0x8e, c - 0xff61 + 0xa1);
  const auto pointer = CharacterIndex::jis0208().pointer(full_width_minus(c));
  return pointer && *pointer < kEucJpGrid.size() ? pair_of(kEucJpGrid, pointer) : std::nullopt;
}

/// Not to NEC's rows of IBM's characters, which Windows writes in a later place.
std::optional<Bytes> encode_shift_jis(char32_t c) {
  if (c == 0x80) return bytes_of(0x80);
  if (auto bytes = encode_yen_or_overline(c)) return bytes;
  if (is_half_width_katakana(c)) return bytes_of(c - 0xff61 + 0xa1);
  for (const auto& [code_point, pointer] : CharacterIndex::jis0208().places(full_width_minus(c))) {
    if (pointer < 8272 || pointer > 8835) return pair_of(kShiftJisGrid, pointer);
  }
  return std::nullopt;
}

std::optional<Bytes> encode_user_defined(char32_t c) {
  if (c < 0xf780 || c > 0xf7ff) return std::nullopt;
  return bytes_of(c - 0xf780 + 0x80);
}

std::optional<Bytes> encode_character(Encoding encoding, char32_t c) {
  switch (encoding) {
    case Encoding::gbk:
      return encode_gbk(c);
    case Encoding::gb18030:
      return encode_gb18030(c);
    case Encoding::big5:
      return encode_big5(c);
    case Encoding::euc_jp:
      return encode_euc_jp(c);
    case Encoding::shift_jis:
      return encode_shift_jis(c);
    case Encoding::euc_kr:
      return encode_euc_kr(c);
    case Encoding::x_user_defined:
      return encode_user_defined(c);
    default:
      return encode_single_byte(encoding, c);
  }
}

/// Writes the escape sequences that ISO-2022-JP switches between its sets by (Encoding section 12.2.2).
class Iso2022JpEncoder {
 public:
  std::string encode(std::string_view text) {
    while (!text.empty()) put(take_code_point(text));
    switch_to(Set::ascii);
    return std::move(out_);
  }

 private:
  enum class Set { ascii, roman, jis0208 };

  void switch_to(Set set) {
    if (set == set_) return;
    out_ += set == Set::ascii ? "\x1b(B" : set == Set::roman ? "\x1b(J" : "\x1b$B";
    set_ = set;
  }

  void put(char32_t c) {
    if (set_ != Set::jis0208 && (c == 0x0e || c == 0x0f || c == 0x1b)) {
      out_ += lacking(kReplacementCharacter);  // They would switch.
    } else if (c < 0x80) {
      if (set_ != Set::roman || c == 0x5c || c == 0x7e) switch_to(Set::ascii);
      out_ += static_cast<char>(c);
    } else if (const auto bytes = encode_yen_or_overline(c)) {
      switch_to(Set::roman);
      out_ += *bytes;
    } else {
      put_pair(c);
    }
  }

  void put_pair(char32_t c) {
    const auto pointer = CharacterIndex::jis0208().pointer(full_width(full_width_minus(c)));
    if (!pointer || *pointer >= kIso2022JpGrid.size()) {
      if (set_ == Set::jis0208) switch_to(Set::ascii);
      out_ += lacking(c);
    } else {
      switch_to(Set::jis0208);
      out_ += *pair_of(kIso2022JpGrid, pointer);
    }
  }

  /// Half-width katakana has no place here (Encoding section 5, "index ISO-2022-JP katakana").
  static char32_t full_width(char32_t c) {
    constexpr std::u32string_view kFullWidth =
        U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨ"
        U"ラリルレロワン゛゜";
    static_assert(kFullWidth.size() == 63);
    return is_half_width_katakana(c) ? kFullWidth[c - 0xff61] : c;
  }

  std::string out_;
  Set set_ = Set::ascii;
};

bool is_written_as_utf8(Encoding encoding) {
  return encoding == Encoding::utf_8 || encoding == Encoding::utf_16be || encoding == Encoding::utf_16le ||
         encoding == Encoding::replacement;
}

}  // namespace

std::string encode_text(std::string_view text, Encoding encoding) {
  if (is_written_as_utf8(encoding)) return std::string(text);
  if (encoding == Encoding::iso_2022_jp) return Iso2022JpEncoder().encode(text);
  std::string out;
  while (true) {
    const std::size_t ascii = ascii_prefix(text);
    out += text.substr(0, ascii);
    text.remove_prefix(ascii);
    if (text.empty()) return out;
    const char32_t c = take_code_point(text);
    out += encode_character(encoding, c).value_or(lacking(c));
  }
}

QueryEncoder query_encoder(Encoding encoding) {
  if (is_written_as_utf8(encoding)) return {};
  return [encoding](std::string_view text) { return encode_text(text, encoding); };
}

}  // namespace doutu

#include "crawler/fetcher/text/gb18030_forms.h"

#include <algorithm>
#include <array>
#include <vector>

#include "crawler/fetcher/text/character_index.h"

namespace doutu {
namespace {

struct OldForm {
  char32_t code_point;
  std::uint16_t bytes;
};
constexpr std::array kOldForms{
    OldForm{0xe78d, 0xa6d9}, OldForm{0xe78e, 0xa6da}, OldForm{0xe78f, 0xa6db}, OldForm{0xe790, 0xa6dc},
    OldForm{0xe791, 0xa6dd}, OldForm{0xe792, 0xa6de}, OldForm{0xe793, 0xa6df}, OldForm{0xe794, 0xa6ec},
    OldForm{0xe795, 0xa6ed}, OldForm{0xe796, 0xa6f3}, OldForm{0xe81e, 0xfe59}, OldForm{0xe826, 0xfe61},
    OldForm{0xe82b, 0xfe66}, OldForm{0xe82c, 0xfe67}, OldForm{0xe832, 0xfe6d}, OldForm{0xe843, 0xfe7e},
    OldForm{0xe854, 0xfe90}, OldForm{0xe864, 0xfea0},
};

constexpr std::size_t kAstral = 189'000;  ///< The pointer of U+10000; from there on they are in step.
constexpr std::size_t kForms = kAstral + 0x100000;

// U+1E3F got two bytes in 2000, and its four-byte form went to the private-use code point that had had them.
constexpr char32_t kMWithAcute = 0x1e3f;
constexpr char32_t kOnceMWithAcute = 0xe7c7;

/// Whether a code point had two bytes when the four-byte forms were handed out, to all others of the first plane in
/// their order. U+E5E5 lost them to the second ideographic space.
bool had_two_bytes(char32_t code_point) {
  if (code_point == kMWithAcute || (code_point >= 0xfe10 && code_point <= 0xfe19) ||
      (code_point >= 0x9fb4 && code_point <= 0x9fbb)) {
    return false;
  }
  return code_point == 0xe5e5 || code_point == kOnceMWithAcute || gb18030_bytes_before_2005(code_point) ||
         CharacterIndex::gb18030().pointer(code_point);
}

/// By pointer, ascending too: what a binary search turns around.
const std::vector<char16_t>& bmp_forms() {
  static const std::vector<char16_t> forms = [] {
    std::vector<char16_t> out;
    for (char32_t c = 0x80; c <= 0xffff; ++c) {
      const bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
      if (!is_surrogate && !had_two_bytes(c)) out.push_back(static_cast<char16_t>(c));
    }
    return out;
  }();
  return forms;
}

}  // namespace

char32_t gb18030_code_point(std::size_t pointer) {
  if (pointer >= kAstral) return pointer < kForms ? static_cast<char32_t>(0x10000 + pointer - kAstral) : 0;
  if (pointer >= bmp_forms().size()) return 0;
  const char32_t code_point = bmp_forms()[pointer];
  return code_point == kMWithAcute ? kOnceMWithAcute : code_point;
}

std::size_t gb18030_pointer(char32_t code_point) {
  if (code_point >= 0x10000) return kAstral + code_point - 0x10000;
  if (code_point == kOnceMWithAcute) code_point = kMWithAcute;
  return static_cast<std::size_t>(std::ranges::lower_bound(bmp_forms(), code_point) - bmp_forms().begin());
}

std::optional<std::uint16_t> gb18030_bytes_before_2005(char32_t code_point) {
  const auto* const form = std::ranges::find(kOldForms, code_point, &OldForm::code_point);
  if (form == kOldForms.end()) return std::nullopt;
  return form->bytes;
}

}  // namespace doutu

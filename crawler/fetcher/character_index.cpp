#include "crawler/fetcher/character_index.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "crawler/fetcher/byte_grid.h"
#include "shared/base/check.h"

namespace doutu {
namespace {

/// A character, by its bytes, that glibc has elsewhere or not at all.
struct Correction {
  std::uint16_t bytes;
  char16_t code_point;
};

constexpr std::array kGb18030Corrections{
    // Private use in browsers, outside of the first plane in glibc; and the other ideographic space.
    Correction{0xa3a0, 0x3000}, Correction{0xfe51, 0xe816}, Correction{0xfe52, 0xe817}, Correction{0xfe53, 0xe818},
    Correction{0xfe6c, 0xe831}, Correction{0xfe76, 0xe83b}, Correction{0xfe91, 0xe855},
};

// Hong Kong's duplicates that glibc reads as nothing, and punctuation that it reads as other punctuation.
constexpr Correction kBig5Corrections[] = {
    {0x8e69, 0x7bb8}, {0x8e6f, 0x7c06}, {0x8e7e, 0x7cce}, {0x8eab, 0x7dd2}, {0x8eb4, 0x7e1d}, {0x8ecd, 0x8005},
    {0x8ed0, 0x8028}, {0x8f57, 0x83c1}, {0x8f69, 0x84a8}, {0x8f6e, 0x840f}, {0x8fcb, 0x89a6}, {0x8fcc, 0x89a9},
    {0x8ffe, 0x8d77}, {0x906d, 0x90fd}, {0x907a, 0x92b9}, {0x90dc, 0x975c}, {0x90f1, 0x97ff}, {0x91bf, 0x9f16},
    {0x9244, 0x8503}, {0x92af, 0x5159}, {0x92b0, 0x515b}, {0x92b1, 0x515d}, {0x92b2, 0x515e}, {0x92c8, 0x936e},
    {0x92d1, 0x7479}, {0x9447, 0x6d67}, {0x94ca, 0x799b}, {0x95d9, 0x9097}, {0x9644, 0x975d}, {0x96ed, 0x701e},
    {0x96fc, 0x5b28}, {0x9b76, 0x7201}, {0x9b78, 0x77d7}, {0x9b7b, 0x7e87}, {0x9bc6, 0x99d6}, {0x9bde, 0x91d4},
    {0x9bec, 0x60de}, {0x9bf6, 0x6fb6}, {0x9c42, 0x8f36}, {0x9c53, 0x4fbb}, {0x9c62, 0x71df}, {0x9c68, 0x9104},
    {0x9c6b, 0x9df0}, {0x9c77, 0x83cf}, {0x9cbc, 0x5c10}, {0x9cbd, 0x79e3}, {0x9cd0, 0x5a67}, {0x9d57, 0x8f0b},
    {0x9d5a, 0x7b51}, {0x9dc4, 0x62d0}, {0x9ea9, 0x6062}, {0x9eef, 0x75f9}, {0x9efd, 0x6c4a}, {0x9f60, 0x9b2e},
    {0x9f66, 0x9f17}, {0x9fcb, 0x50ed}, {0x9fd8, 0x5f0c}, {0xa063, 0x880f}, {0xa077, 0x62ce}, {0xa0d5, 0x7468},
    {0xa0df, 0x7162}, {0xa0e4, 0x7250}, {0xa145, 0x2027}, {0xa14e, 0xfe51}, {0xa15a, 0x2574}, {0xa1c2, 0x00af},
    {0xa1c3, 0xffe3}, {0xa1c5, 0x02cd}, {0xa1e3, 0xff5e}, {0xa1f2, 0x2295}, {0xa1f3, 0x2299}, {0xa1fe, 0xff0f},
    {0xa240, 0xff3c}, {0xa241, 0x2215}, {0xa242, 0xfe68}, {0xa244, 0xffe5}, {0xa246, 0xffe0}, {0xa247, 0xffe1},
    {0xa2cc, 0x5341}, {0xa2ce, 0x5345}, {0xa3e0, 0x2421}, {0xa3e1, 0x20ac}, {0xc6cf, 0x5ef4}, {0xc6d3, 0x65e0},
    {0xc6d5, 0x7676}, {0xc6d7, 0x96b6}, {0xc6de, 0x3003}, {0xc6df, 0x4edd}, {0xfa5f, 0x5029}, {0xfa66, 0x507d},
    {0xfabd, 0x5305}, {0xfac5, 0x5344}, {0xfad5, 0x537f}, {0xfb48, 0x5605}, {0xfbb8, 0x5a77}, {0xfbf3, 0x5e75},
    {0xfbf9, 0x5ed0}, {0xfc4f, 0x5f58}, {0xfc6c, 0x60a4}, {0xfcb9, 0x6490}, {0xfce2, 0x6674}, {0xfcf1, 0x675e},
    {0xfdb7, 0x6c9c}, {0xfdb8, 0x6e1d}, {0xfdbb, 0x6e2f}, {0xfdf1, 0x716e}, {0xfe52, 0x732a}, {0xfe6f, 0x745c},
    {0xfeaa, 0x74e9}, {0xfedd, 0x7809}};

constexpr std::array kKoi8UCorrections{Correction{0xae, 0x045e}, Correction{0xbe, 0x040e}};
constexpr std::array kMacintoshCorrections{Correction{0xc6, 0x2206}, Correction{0xf0, 0xf8ff}};
constexpr std::array kMacCyrillicCorrections{Correction{0xff, 0x20ac}};
constexpr std::array kWindows1255Corrections{Correction{0xca, 0x05ba}};

/// A set that glibc knows, asked character by character.
class Charset {
 public:
  explicit Charset(const char* name) : handle_(iconv_open("UTF-32LE", name)) {}
  Charset(const Charset&) = delete;
  Charset& operator=(const Charset&) = delete;
  ~Charset() {
    if (valid()) iconv_close(handle_);
  }

  /// The one code point that these bytes are; 0 when they are none or several, or when glibc lacks the set.
  [[nodiscard]] char32_t code_point(std::span<const std::uint8_t> bytes) const {
    if (!valid()) return 0;
    std::array<char32_t, 2> out{};
    std::size_t room = sizeof out;
    std::array<char, 4> in{};
    std::ranges::copy(bytes, in.begin());
    char* from = in.data();
    std::size_t left = bytes.size();
    char* to = reinterpret_cast<char*>(out.data());
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    const std::size_t result = iconv(handle_, &from, &left, &to, &room);
    iconv(handle_, nullptr, nullptr, &to, &room);  // Some sets hold a character back, for an accent that may follow.
    return result == 0 && left == 0 && room == sizeof(char32_t) ? out[0] : 0;
  }

 private:
  static_assert(std::endian::native == std::endian::little);

  [[nodiscard]] bool valid() const { return std::bit_cast<std::intptr_t>(handle_) != -1; }

  iconv_t handle_;
};

/// prefix: of a set in which each pair follows a byte more.
std::vector<char32_t> load(const char* name, const ByteGrid& grid, std::span<const std::uint8_t> prefix = {}) {
  const Charset charset(name);
  std::vector<char32_t> code_points(grid.size());
  std::vector<std::uint8_t> bytes(prefix.begin(), prefix.end());
  bytes.resize(prefix.size() + 2);
  for (std::size_t pointer = 0; pointer < code_points.size(); ++pointer) {
    std::ranges::copy(grid.bytes(pointer), bytes.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
    code_points[pointer] = charset.code_point(bytes);
  }
  return code_points;
}

void correct(std::vector<char32_t>& code_points, const ByteGrid& grid, std::span<const Correction> corrections) {
  for (const auto& [bytes, code_point] : corrections) {
    const auto pointer = grid.pointer(static_cast<std::uint8_t>(bytes >> 8U), static_cast<std::uint8_t>(bytes & 0xffU));
    code_points.at(pointer.value()) = code_point;
  }
}

std::vector<char32_t> load_big5() {
  std::vector<char32_t> code_points = load("BIG5-HKSCS", kBig5Grid);
  correct(code_points, kBig5Grid, kBig5Corrections);
  const std::size_t pictures = kBig5Grid.pointer(0xa3, 0xc0).value();  // Of the controls NUL to US.
  for (std::size_t i = 0; i < 0x20; ++i) code_points[pictures + i] = static_cast<char32_t>(0x2400 + i);
  return code_points;
}

std::vector<char32_t> load_gb18030() {
  std::vector<char32_t> code_points = load("GB18030", kGb18030Grid);
  correct(code_points, kGb18030Grid, kGb18030Corrections);
  return code_points;
}

/// Rows F0 to F9 are private use, which EUC-JP does not have.
std::vector<char32_t> load_jis0208() {
  std::vector<char32_t> code_points = load("CP932", kShiftJisGrid);
  for (char32_t& code_point : code_points) {
    if (code_point >= 0xe000 && code_point <= 0xf8ff) code_point = 0;
  }
  return code_points;
}

struct SingleByteSet {
  Encoding encoding;
  const char* charset;
  std::span<const Correction> corrections{};
};

constexpr std::array kSingleByteSets{
    SingleByteSet{Encoding::ibm866, "IBM866"},
    SingleByteSet{Encoding::iso_8859_2, "ISO-8859-2"},
    SingleByteSet{Encoding::iso_8859_3, "ISO-8859-3"},
    SingleByteSet{Encoding::iso_8859_4, "ISO-8859-4"},
    SingleByteSet{Encoding::iso_8859_5, "ISO-8859-5"},
    SingleByteSet{Encoding::iso_8859_6, "ISO-8859-6"},
    SingleByteSet{Encoding::iso_8859_7, "ISO-8859-7"},
    SingleByteSet{Encoding::iso_8859_8, "ISO-8859-8"},
    SingleByteSet{Encoding::iso_8859_8_i, "ISO-8859-8"},  // The two differ in who orders a line.
    SingleByteSet{Encoding::iso_8859_10, "ISO-8859-10"},
    SingleByteSet{Encoding::iso_8859_13, "ISO-8859-13"},
    SingleByteSet{Encoding::iso_8859_14, "ISO-8859-14"},
    SingleByteSet{Encoding::iso_8859_15, "ISO-8859-15"},
    SingleByteSet{Encoding::iso_8859_16, "ISO-8859-16"},
    SingleByteSet{Encoding::koi8_r, "KOI8-R"},
    SingleByteSet{Encoding::koi8_u, "KOI8-U", kKoi8UCorrections},
    SingleByteSet{Encoding::macintosh, "MACINTOSH", kMacintoshCorrections},
    SingleByteSet{Encoding::windows_874, "CP874"},
    SingleByteSet{Encoding::windows_1250, "CP1250"},
    SingleByteSet{Encoding::windows_1251, "CP1251"},
    SingleByteSet{Encoding::windows_1252, "CP1252"},
    SingleByteSet{Encoding::windows_1253, "CP1253"},
    SingleByteSet{Encoding::windows_1254, "CP1254"},
    SingleByteSet{Encoding::windows_1255, "CP1255", kWindows1255Corrections},
    SingleByteSet{Encoding::windows_1256, "CP1256"},
    SingleByteSet{Encoding::windows_1257, "CP1257"},
    SingleByteSet{Encoding::windows_1258, "CP1258"},
    SingleByteSet{Encoding::x_mac_cyrillic, "MAC-CYRILLIC", kMacCyrillicCorrections},
};

/// What a set leaves open below 0xA0 is a control character to browsers.
std::vector<char32_t> load_single_byte(const SingleByteSet& set) {
  const Charset charset(set.charset);
  std::vector<char32_t> code_points(128);
  for (std::size_t i = 0; i < code_points.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(0x80 + i);
    code_points[i] = charset.code_point({&byte, 1});
    if (code_points[i] == 0 && byte < 0xa0) code_points[i] = byte;
  }
  for (const auto& [byte, code_point] : set.corrections) code_points[byte - 0x80U] = code_point;
  return code_points;
}

const SingleByteSet* single_byte_set(Encoding encoding) {
  const auto* const found = std::ranges::find(kSingleByteSets, encoding, &SingleByteSet::encoding);
  return found == kSingleByteSets.end() ? nullptr : found;
}

}  // namespace

CharacterIndex::CharacterIndex(std::vector<char32_t> code_points) : code_points_(std::move(code_points)) {
  inverse_.reserve(code_points_.size());
  for (std::size_t pointer = 0; pointer < code_points_.size(); ++pointer) {
    if (code_points_[pointer] != 0) inverse_.emplace_back(code_points_[pointer], pointer);
  }
  std::ranges::sort(inverse_);
}

std::span<const CharacterIndex::Place> CharacterIndex::places(char32_t code_point) const {
  const auto range = std::ranges::equal_range(inverse_, code_point, {}, &Place::first);
  return {range.begin(), range.end()};
}

std::optional<std::size_t> CharacterIndex::pointer(char32_t code_point) const {
  const auto found = places(code_point);
  if (found.empty()) return std::nullopt;
  return found.front().second;
}

const CharacterIndex& CharacterIndex::big5() {
  static const CharacterIndex index(load_big5());
  return index;
}

const CharacterIndex& CharacterIndex::gb18030() {
  static const CharacterIndex index(load_gb18030());
  return index;
}

const CharacterIndex& CharacterIndex::euc_kr() {
  static const CharacterIndex index(load("UHC", kEucKrGrid));
  return index;
}

const CharacterIndex& CharacterIndex::jis0208() {
  static const CharacterIndex index(load_jis0208());
  return index;
}

const CharacterIndex& CharacterIndex::jis0212() {
  static constexpr std::array<std::uint8_t, 1> kSingleShift3{0x8f};
  static const CharacterIndex index(load("EUC-JP", kEucJpGrid, kSingleShift3));
  return index;
}

const CharacterIndex& CharacterIndex::single_byte(Encoding encoding) {
  static std::array<std::optional<CharacterIndex>, kEncodingCount> indexes;
  auto& index = indexes.at(static_cast<std::size_t>(encoding));
  const SingleByteSet* const set = single_byte_set(encoding);
  DOUTU_CHECK(set != nullptr);
  if (!index) index = CharacterIndex(load_single_byte(*set));
  return *index;
}

bool is_single_byte(Encoding encoding) { return single_byte_set(encoding) != nullptr; }

}  // namespace doutu

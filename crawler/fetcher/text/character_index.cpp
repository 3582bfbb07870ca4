#include "crawler/fetcher/text/character_index.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "crawler/fetcher/text/character_corrections.h"
#include "crawler/fetcher/text/double_byte_table.h"
#include "shared/base/check.h"
#include "shared/base/log.h"

namespace doutu {
namespace {

/// A set that glibc knows, asked character by character.
class Charset {
 public:
  explicit Charset(const char* name) : handle_(iconv_open("UTF-32LE", name)) {
    if (!valid())
      log_warning("iconv on this system does not support {}; pages in this encoding lose all letters beyond ASCII",
                  name);
  }
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
    // iconv only reads it.
    char* from = reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data()));
    std::size_t left = bytes.size();
    char* to = reinterpret_cast<char*>(out.data());
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    const std::size_t result = iconv(handle_, &from, &left, &to, &room);
    iconv(handle_, nullptr, nullptr, &to, &room);  // Some sets hold a character back, for an accent that may follow.
    return result == 0 && left == 0 && room == sizeof(char32_t) ? out[0] : 0;
  }

 private:
  static_assert(std::endian::native == std::endian::little);

  [[nodiscard]] bool valid() const { return reinterpret_cast<std::intptr_t>(handle_) != -1; }

  iconv_t handle_;
};

/// prefix: of a set in which each pair follows a byte more.
std::vector<char32_t> load(const char* name, const DoubleByteTable& grid, std::span<const std::uint8_t> prefix = {}) {
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

void correct(std::vector<char32_t>& code_points, const DoubleByteTable& grid, std::span<const Correction> corrections) {
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
  const auto by_code_point = [](const Place& a, const Place& b) { return a.first < b.first; };
  const auto [first, last] = std::equal_range(inverse_.begin(), inverse_.end(), Place{code_point, 0}, by_code_point);
  return {first, last};
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

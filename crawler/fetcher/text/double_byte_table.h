// DoubleByteTable: how the double-byte encodings number their characters: each pair of bytes is a place in a table, the
// "pointer" of WHATWG Encoding section 5. Page fetcher; pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace doutu {

/// The bytes from first to last, without those from gap on that lie below gap_end.
struct ByteSpan {
  std::uint8_t first, gap, gap_end, last;

  [[nodiscard]] constexpr std::size_t size() const { return index(last) + std::size_t{1}; }
  [[nodiscard]] constexpr bool holds(std::uint8_t byte) const {
    return byte >= first && byte <= last && (byte < gap || byte >= gap_end);
  }
  /// Precondition: holds(byte).
  [[nodiscard]] constexpr std::size_t index(std::uint8_t byte) const {
    return byte < gap ? std::size_t{byte} - first : std::size_t{byte} - first - (gap_end - gap);
  }
  /// Precondition: index < size().
  [[nodiscard]] constexpr std::uint8_t at(std::size_t index) const {
    const std::size_t byte = first + index;
    return static_cast<std::uint8_t>(byte < gap ? byte : byte + gap_end - gap);
  }
};

struct DoubleByteTable {
  ByteSpan leads, trails;

  [[nodiscard]] constexpr std::size_t size() const { return leads.size() * trails.size(); }
  [[nodiscard]] constexpr std::optional<std::size_t> pointer(std::uint8_t lead, std::uint8_t trail) const {
    if (!leads.holds(lead) || !trails.holds(trail)) return std::nullopt;
    return leads.index(lead) * trails.size() + trails.index(trail);
  }
  /// Precondition: pointer < size().
  [[nodiscard]] constexpr std::array<std::uint8_t, 2> bytes(std::size_t pointer) const {
    return {leads.at(pointer / trails.size()), trails.at(pointer % trails.size())};
  }
};

constexpr ByteSpan solid(std::uint8_t first, std::uint8_t last) { return {first, last, last, last}; }

inline constexpr DoubleByteTable kGb18030Grid{solid(0x81, 0xfe), {0x40, 0x7f, 0x80, 0xfe}};
inline constexpr DoubleByteTable kBig5Grid{solid(0x81, 0xfe), {0x40, 0x7f, 0xa1, 0xfe}};
inline constexpr DoubleByteTable kEucKrGrid{solid(0x81, 0xfe), solid(0x41, 0xfe)};
inline constexpr DoubleByteTable kShiftJisGrid{{0x81, 0xa0, 0xe0, 0xfc}, {0x40, 0x7f, 0x80, 0xfc}};
inline constexpr DoubleByteTable kEucJpGrid{solid(0xa1, 0xfe), solid(0xa1, 0xfe)};  ///< Its JIS X 0208 and 0212 alike.
inline constexpr DoubleByteTable kIso2022JpGrid{solid(0x21, 0x7e), solid(0x21, 0x7e)};

static_assert(kGb18030Grid.size() == std::size_t{126} * 190 && kBig5Grid.trails.size() == 157 &&
              kShiftJisGrid.trails.size() == 188 && kEucJpGrid.size() == std::size_t{94} * 94);

}  // namespace doutu

#include "tests/power_loss/valid_wal.h"

#include <cstdint>

namespace doutu {
namespace {

constexpr std::size_t kHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // its last bit: checksums of big-endian words

std::uint32_t number(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i]));
  };
  return byte(0) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3);
}

struct Sum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool is_big_endian = false;

  void add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(bytes, at) + second;
      second += word(bytes, at + 4) + first;
    }
  }
  [[nodiscard]] bool is(std::uint32_t one, std::uint32_t two) const { return first == one && second == two; }

 private:
  [[nodiscard]] std::uint32_t word(std::string_view bytes, std::size_t at) const {
    const std::uint32_t big = number(bytes, at);
    return is_big_endian ? big : __builtin_bswap32(big);
  }
};

}  // namespace

std::size_t valid_wal_bytes(std::string_view wal) {
  if (wal.size() < kHeader || (number(wal, 0) & ~1U) != kMagic) return 0;
  Sum sum{.is_big_endian = (number(wal, 0) & 1U) != 0};
  sum.add(wal.substr(0, 24));
  if (!sum.is(number(wal, 24), number(wal, 28))) return 0;

  const std::size_t page = number(wal, 8);
  std::size_t valid = 0;
  for (std::size_t at = kHeader; at + kFrameHeader + page <= wal.size(); at += kFrameHeader + page) {
    if (wal.substr(at + 8, 8) != wal.substr(16, 8)) break;  // of an older round
    sum.add(wal.substr(at, 8));
    sum.add(wal.substr(at + kFrameHeader, page));
    if (!sum.is(number(wal, at + 16), number(wal, at + 20))) break;
    if (number(wal, at + 4) != 0) valid = at + kFrameHeader + page;
  }
  return valid;
}

}  // namespace doutu

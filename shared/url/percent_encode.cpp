#include "shared/url/percent_encode.h"

#include <algorithm>
#include <array>

namespace doutu {
namespace {

using Table = std::array<std::uint8_t, 256>;

constexpr std::uint8_t bit(PercentEncodeSet set) {
  return static_cast<std::uint8_t>(1U << static_cast<std::uint8_t>(set));
}

constexpr void add(Table& table, std::string_view characters, PercentEncodeSet set) {
  for (const char c : characters) table[static_cast<unsigned char>(c)] |= bit(set);
}

/// For each byte the sets that it is in.
constexpr Table kSets = [] {
  Table table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    if (byte <= 0x20 || byte >= 0x7f) table[byte] = 0xff;
  }
  add(table, "\"#<>'", PercentEncodeSet::query);  // the special-query set
  add(table, "\"#<>?^`{}", PercentEncodeSet::path);
  add(table, "\"#<>?^`{}/:;=@[\\]|", PercentEncodeSet::userinfo);
  return table;
}();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The byte that text begins with in the form %XX, or -1.
int encoded_byte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = hex_digit(text[1]);
  const int low = hex_digit(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace

void append_percent_encoded(std::string& out, std::string_view bytes, PercentEncodeSet set) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto is_encoded = [mask = bit(set)](char c) { return (kSets[static_cast<unsigned char>(c)] & mask) != 0; };
  for (auto at = bytes.begin(); at != bytes.end();) {
    const auto next = std::find_if(at, bytes.end(), is_encoded);
    out.append(at, next);  // most text needs no encoding: append runs, not characters
    if (next == bytes.end()) return;
    const auto byte = static_cast<unsigned char>(*next);
    out += {'%', kHex[byte >> 4U], kHex[byte & 0xfU]};
    at = next + 1;
  }
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    const int byte = encoded_byte(text);
    decoded += byte < 0 ? text[0] : static_cast<char>(byte);
    text.remove_prefix(byte < 0 ? 1 : 3);
  }
  return decoded;
}

}  // namespace doutu

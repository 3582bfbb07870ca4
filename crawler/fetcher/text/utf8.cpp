#include "crawler/fetcher/text/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "shared/base/escape.h"

namespace doutu {
namespace {

/// Length of the malformed sequence at the front: the lead and what continues it rightly. Precondition: none of UTF-8
/// is there, text is not empty.
std::size_t malformed_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0xc2 || lead > 0xf4) return 1;
  const std::size_t whole = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint8_t lower = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  std::uint8_t upper = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  std::size_t length = 1;
  while (length < std::min(whole, text.size()) && byte(length) >= lower && byte(length) <= upper) {
    ++length;
    lower = 0x80;
    upper = 0xbf;
  }
  return length;
}

}  // namespace

std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (true) {
    at += ascii_prefix(text.substr(at));
    if (at == text.size()) return at;
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto put_tail = [&](unsigned shift) { put(0x80U | ((c >> shift) & 0x3fU)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0U | (c >> 6U));
  } else if (c < 0x10000) {
    put(0xe0U | (c >> 12U));
    put_tail(6);
  } else {
    put(0xf0U | (c >> 18U));
    put_tail(12);
    put_tail(6);
  }
  put_tail(0);
}

char32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  char32_t c = length == 1 ? byte(0) : byte(0) & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) c = (c << 6U) | (byte(i) & 0x3fU);
  text.remove_prefix(length);
  return c;
}

std::string repair_utf8(std::string bytes) {
  std::size_t good = valid_utf8_prefix(bytes);
  if (good == bytes.size()) return bytes;
  std::string out;
  std::string_view rest = bytes;
  while (true) {
    out += rest.substr(0, good);
    rest.remove_prefix(good);
    if (rest.empty()) return out;
    append_utf8(out, kReplacementCharacter);
    rest.remove_prefix(malformed_sequence(rest));
    good = valid_utf8_prefix(rest);
  }
}

}  // namespace doutu

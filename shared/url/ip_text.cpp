#include "shared/url/ip_text.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>

namespace doutu {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 32U;
constexpr std::size_t kMaxIpv6Text = 45;

bool consists_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// A number in the base that its beginning says, kTooLarge for everything from there; nullopt: none. "0x" is 0.
std::optional<std::uint64_t> read_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  if (!consists_of(text, base == 16 ? kHexDigits : kDigits.substr(0, static_cast<std::size_t>(base)))) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc::result_out_of_range ? kTooLarge : std::min(number, kTooLarge);
}

std::string_view without_final_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

/// A run of pieces.
struct Run {
  std::size_t at = 0, size = 0;
};

/// The first of the longest runs of zeros; one zero alone is none.
Run longest_zeros(std::span<const std::uint16_t, 8> pieces) {
  Run longest{pieces.size(), 1};
  for (std::size_t at = 0; at < pieces.size();) {
    std::size_t end = at;
    while (end < pieces.size() && pieces[end] == 0) ++end;
    if (end - at > longest.size) longest = {at, end - at};
    at = end + 1;
  }
  return longest;
}

std::string to_text(std::span<const std::uint16_t, 8> pieces) {
  const Run zeros = longest_zeros(pieces);
  std::string text;
  for (std::size_t at = 0; at < pieces.size();) {
    if (at == zeros.at) {
      text += "::";
      at += zeros.size;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += fmt::format("{:x}", pieces[at++]);
  }
  return text;
}

}  // namespace

bool ends_in_number(std::string_view host) {
  host = without_final_dot(host);
  const std::string_view last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
  if (last.empty()) return false;
  return consists_of(last, kDigits) || read_number(last).has_value();
}

std::optional<std::string> normal_ipv4(std::string_view text) {
  text = without_final_dot(text);
  std::uint64_t address = 0;
  for (unsigned bits_left = 32;; bits_left -= 8) {
    const std::size_t dot = text.find('.');
    const std::optional<std::uint64_t> number = read_number(text.substr(0, dot));
    if (!number) return std::nullopt;
    const bool last = dot == std::string_view::npos;
    if (*number >= std::uint64_t{1} << (last ? bits_left : 8U)) return std::nullopt;
    address += last ? *number : *number << (bits_left - 8);
    if (last) break;
    if (bits_left == 8) return std::nullopt;  // a fifth number
    text.remove_prefix(dot + 1);
  }
  return fmt::format("{}.{}.{}.{}", address >> 24U, address >> 16U & 0xffU, address >> 8U & 0xffU, address & 0xffU);
}

std::optional<std::string> normal_ipv6(std::string_view text) {
  if (text.size() > kMaxIpv6Text) return std::nullopt;
  std::array<std::uint16_t, 8> pieces{};
  // A NUL ends what inet_pton() reads; it and a zone are no part of a URL's address.
  if (text.find_first_of(std::string_view("\0%", 2)) != std::string_view::npos) return std::nullopt;
  if (inet_pton(AF_INET6, std::string(text).c_str(), pieces.data()) != 1) return std::nullopt;
  std::ranges::transform(pieces, pieces.begin(), [](std::uint16_t piece) { return ntohs(piece); });
  return to_text(pieces);
}

}  // namespace doutu

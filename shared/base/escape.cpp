#include "shared/base/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

constexpr std::string_view kHidden = "***";

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

bool is_harmful(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x61C || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

/// Where "user:password@host" begins, if anywhere: behind a scheme and its slashes, or behind two slashes.
std::size_t authority_of(std::string_view url) {
  const std::size_t mark = url.find_first_of(":/?#\\");
  if (mark == std::string_view::npos) return mark;
  const bool has_scheme = mark > 0 && url[mark] == ':';
  const std::size_t slashes = has_scheme ? mark + 1 : 0;
  const std::size_t host = std::min(url.find_first_not_of("/\\", slashes), url.size());
  return has_scheme || host - slashes >= 2 ? host : std::string_view::npos;
}

/// "user:pass" of http://user:pass/word@host, which is no URL, but may have been meant as one.
bool has_strange_port(std::string_view authority) {
  const std::size_t colon = authority.find(':');
  return colon != std::string_view::npos && !authority.starts_with('[') &&
         authority.find_first_not_of("0123456789", colon + 1) != std::string_view::npos;
}

std::string without_userinfo(std::string_view url) {
  const std::size_t host = authority_of(url);
  if (host == std::string_view::npos) return std::string(url);
  const std::string_view authority = url.substr(host, url.find_first_of("/?#\\", host) - host);
  std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos && has_strange_port(authority)) at = url.substr(host).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, host)).append(kHidden).append(url.substr(host + at));
}

bool names_a_secret(std::string_view parameter) {
  const std::string name = ascii_lower(parameter);
  const auto is_in_name = [&](std::string_view word) { return name.find(word) != std::string::npos; };
  constexpr std::array kWords = {"token",   "secret",  "passw",      "signature",  "apikey",
                                 "api_key", "api-key", "access_key", "credential", "session"};
  constexpr std::array kNames = {"sig", "sid", "jwt", "pwd", "hmac", "auth"};
  return std::ranges::any_of(kWords, is_in_name) || std::ranges::find(kNames, std::string_view(name)) != kNames.end();
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const std::uint32_t point = utf8_code_point(text.substr(0, length));
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return overlong || surrogate || point > 0x10FFFF ? 0 : length;
}

std::uint32_t utf8_code_point(std::string_view sequence) {
  constexpr std::array<std::uint32_t, 5> kLeadMask = {0, 0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t point = static_cast<unsigned char>(sequence[0]) & kLeadMask.at(sequence.size());
  for (char byte : sequence.substr(1)) point = (point << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  return point;
}

std::string escape_for_terminal(std::string_view text, std::size_t limit) {
  std::string out;
  const bool cut = text.size() > limit;
  if (cut) text = text.substr(0, limit);
  while (!text.empty()) {
    std::size_t length = utf8_sequence(text);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      length = 1;
    } else if (const std::uint32_t point = utf8_code_point(text.substr(0, length)); is_harmful(point)) {
      out += point < 0x80 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{{{:04x}}}", point);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  if (cut) out += "...";
  return out;
}

std::string without_secrets(std::string_view url) {
  if (url.find('@') == std::string_view::npos && url.find('?') == std::string_view::npos) return std::string(url);
  std::string shown = without_userinfo(url);
  std::size_t begin = shown.find('?');
  while (begin < shown.size()) {
    const std::size_t equals = shown.find_first_of("=&;#", ++begin);
    if (equals == std::string::npos || shown[equals] == '#') break;
    if (shown[equals] == '=' && names_a_secret(std::string_view(shown).substr(begin, equals - begin))) {
      shown.replace(equals + 1, shown.find_first_of("&;#", equals) - (equals + 1), kHidden);
    }
    begin = shown.find_first_of("&;#", equals);
    if (begin != std::string::npos && shown[begin] == '#') break;
  }
  return shown;
}

std::string hidden_parts_text(std::string_view url) {
  const std::string without_login = without_userinfo(url);
  const bool has_login = without_login != url;
  const bool has_secret = without_secrets(without_login) != without_login;
  if (has_login && has_secret) return "the user, the password and the secret of its query";
  if (has_secret) return "the secret of its query";
  return has_login ? "the user and password" : "";
}

std::string escape_url(std::string_view url, std::size_t limit) {
  return escape_for_terminal(without_secrets(url), limit);
}

}  // namespace doutu

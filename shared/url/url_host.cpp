#include "shared/url/url_host.h"

#include <algorithm>
#include <array>

#include "shared/url/domain_name.h"
#include "shared/url/ip_text.h"
#include "shared/url/percent_encode.h"

namespace doutu {
namespace {

/// WHATWG URL section 3.2, "forbidden domain code point". What is not ASCII never comes here.
constexpr std::array<bool, 256> kForbidden = [] {
  std::array<bool, 256> table{};
  std::fill_n(table.begin(), 0x21, true);
  for (const char c : std::string_view("#%/:<>?@[\\]^|\x7f")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_forbidden(char c) { return kForbidden[static_cast<unsigned char>(c)]; }

std::optional<std::string> in_brackets(std::string_view text) {
  if (!text.ends_with(']')) return std::nullopt;
  const std::optional<std::string> address = normal_ipv6(text.substr(1, text.size() - 2));
  if (!address) return std::nullopt;
  return "[" + *address + "]";
}

}  // namespace

std::optional<std::string> normal_host(std::string_view text) {
  if (text.starts_with('[')) return in_brackets(text);
  const bool encoded = text.find('%') != std::string_view::npos;
  std::optional<std::string> host = domain_to_ascii(encoded ? percent_decode(text) : std::string(text));
  if (!host || host->empty() || std::ranges::any_of(*host, is_forbidden)) return std::nullopt;
  return ends_in_number(*host) ? normal_ipv4(*host) : host;
}

}  // namespace doutu

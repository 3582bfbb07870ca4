#include "shared/url/private_name.h"

#include <algorithm>
#include <array>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

constexpr auto kPrivateDomains = std::to_array<std::string_view>(
    {"localhost", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan", "localdomain"});

/// Of hosts in their normal form: no name ends in a number (WHATWG URL section 3.5, "ends in a number checker").
bool is_address(std::string_view url_host) {
  return url_host.starts_with('[') || std::ranges::all_of(url_host.substr(url_host.rfind('.') + 1), is_ascii_digit);
}

bool is_within(std::string_view name, std::string_view domain) {
  if (!name.ends_with(domain)) return false;
  name.remove_suffix(domain.size());
  return name.empty() || name.ends_with('.');
}

}  // namespace

bool is_private_name(std::string_view url_host) {
  while (url_host.ends_with('.')) url_host.remove_suffix(1);
  if (is_address(url_host)) return false;
  if (url_host.find('.') == std::string_view::npos) return true;
  return std::ranges::any_of(kPrivateDomains, [&](std::string_view domain) { return is_within(url_host, domain); });
}

}  // namespace doutu

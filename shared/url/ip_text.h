// IP addresses as URLs write them, in the one form that browsers give them (WHATWG URL sections 3.4 to 3.6). Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// Whether a host is to be read as an IPv4 address, for better or worse: its last label, apart from an empty one, is a
/// number ("1.2.3.4", "0x7f000001", "a.09").
[[nodiscard]] bool ends_in_number(std::string_view host);

/// "0x7f.1", "017700000001", "2130706433", "127.0.0.1." as "127.0.0.1": one to four numbers, decimal, octal (0...) or
/// hexadecimal (0x...), the last one filling what is left. nullopt: no such thing, or too large.
[[nodiscard]] std::optional<std::string> normal_ipv4(std::string_view text);

/// An IPv6 address without brackets in lower case, its first longest run of zeros as "::", no dotted part. nullopt:
/// none.
[[nodiscard]] std::optional<std::string> normal_ipv6(std::string_view text);

}  // namespace doutu

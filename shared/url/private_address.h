// Which addresses are somebody's own network, and which hosts have such addresses. Any thread.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// Loopback, unspecified, RFC 1918, RFC 6598, link-local, unique-local, multicast, reserved, and IPv6 forms that carry
/// such an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo). Other families than IP count as private.
[[nodiscard]] bool is_private_address(const sockaddr* address);

enum class Lookup {
  literal,  ///< Only of a host that is an address itself: asks nobody.
  name,     ///< Blocks while it is looked up.
};
/// Whether all addresses that a host, as url_host() says it, has now are private; nullopt: it has none.
[[nodiscard]] std::optional<bool> is_private_host(std::string_view url_host, Lookup lookup);

}  // namespace doutu

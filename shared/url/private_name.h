// Which host names are of somebody's own network by what they say, whatever they resolve to. Pure; any thread.
#pragma once

#include <string_view>

namespace doutu {

/// Whether a host, as url_host() says it, has a name that the public DNS does not have, or should not: one label alone
/// ("localhost", "nas"; ICANN allows no address for a top-level domain, SAC053 and RFC 7085), or one below localhost
/// (RFC 6761 section 6.3), local (RFC 6762), home.arpa (RFC 8375), internal (reserved by ICANN in 2024), what else
/// private networks are known to use (RFC 6762 appendix G), or localdomain, which hosts(5) files give to loopback. A
/// dot behind, or several, change nothing. Addresses are no names.
[[nodiscard]] bool is_private_name(std::string_view url_host);

}  // namespace doutu

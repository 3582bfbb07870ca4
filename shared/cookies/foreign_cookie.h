// Cookies as other programs keep them: domains in their spelling, times in their units. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/cookies/cookie.h"

namespace doutu {

/// A cookie made ours, well formed; nullopt: it is none. `cookie` has what is the same everywhere. `domain` may have a
/// dot before it, which gives the cookie to subdomains whatever host_only says, and an IPv6 address no brackets. A
/// public suffix and an address are for themselves alone. `expiry` is since 1970 in seconds, milliseconds or
/// microseconds, whichever makes a year before 10000; 0 or less: of the session. No cookie lasts for more than 400
/// days.
[[nodiscard]] std::optional<Cookie> as_ours(Cookie cookie, std::string_view domain, double expiry, std::int64_t now_ms);

}  // namespace doutu

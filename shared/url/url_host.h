// The host of a URL, from what a page writes to the one spelling that the URL, the guard and curl know. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// WHATWG URL section 3.5, "host parsing", for http and https: percent-decoded, in ASCII and lower case; IPv4 and IPv6
/// addresses in their normal form, the latter in its brackets. nullopt: empty, or no host.
[[nodiscard]] std::optional<std::string> normal_host(std::string_view text);

}  // namespace doutu

// Ports at which other protocols than HTTP are spoken, and which browsers therefore never ask: a page could have doutu
// say something to a mail server or a printer. Pure; any thread.
#pragma once

#include <cstdint>

namespace doutu {

/// WHATWG Fetch section 2.10, "port blocking": whether it is a bad port. For http and https alike.
[[nodiscard]] bool is_blocked_port(std::uint16_t port);

}  // namespace doutu

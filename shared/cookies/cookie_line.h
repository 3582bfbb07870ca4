// One cookie as a line of text: in messages between processes, and in the jar's own file. The seven columns of a
// Netscape file (netscape_file.h), then SameSite, `created`, and the scheme of the answer that set it; tabs between
// them. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/cookies/cookie.h"

namespace doutu {

/// Without an end of line. The cookie is well formed, so that no column has a tab.
[[nodiscard]] std::string cookie_line(const Cookie& cookie);

/// nullopt: not exactly such a line, or no well-formed cookie.
[[nodiscard]] std::optional<Cookie> read_cookie_line(std::string_view line);

/// The seven columns, without an end of line.
[[nodiscard]] std::string netscape_line(const Cookie& cookie);

}  // namespace doutu

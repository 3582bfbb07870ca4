// What the answer to a request for a robots.txt means (RFC 9309 section 2.3.1). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/cause.h"

namespace doutu {

/// Redirects that lead to a robots.txt; more lead to none.
inline constexpr std::uint32_t kMaxRobotsRedirects = 5;

/// "https://example.com/robots.txt" for a URL of that server, absolute and normal.
[[nodiscard]] std::string robots_url(std::string_view url);

enum class RobotsAnswer {
  rules,        ///< It came: its body says what is allowed.
  none,         ///< There is none, or it cannot be found: everything is allowed.
  unreachable,  ///< Nothing is allowed for now: what was to be asked for fails for the same cause.
};

/// cause: none for a 2xx that came, or as much of it as is read. is_redirected: it ended elsewhere than it began.
[[nodiscard]] RobotsAnswer robots_answer(Cause cause, int http_status, bool is_redirected);

}  // namespace doutu

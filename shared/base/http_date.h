// The dates of HTTP. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace doutu {

/// A date in one of the forms of RFC 9110 section 5.6.7 and whatever else browsers take for one: read token by token
/// (RFC 6265 section 5.1.1), always as GMT, whatever zone it names. nullopt: no date.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace doutu

// The Retry-After header. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace doutu {

/// How long a server asks to wait, seen from now: a number of seconds or a date (RFC 9110 section 10.2.3), zero for a
/// date that has passed. A number beyond all bounds is the greatest. nullopt: nonsense ("-1", "120abc", "1.5").
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                    std::chrono::sys_seconds now);

}  // namespace doutu

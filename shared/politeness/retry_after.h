// The Retry-After header. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace doutu {

/// How long a server asks to wait, seen from now: a number of seconds or a date (RFC 9110 section 10.2.3), zero for a
/// date that has passed. A number beyond all bounds is the greatest. nullopt: nonsense ("-1", "120abc", "1.5").
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                    std::chrono::sys_seconds now);

/// How much of what one request was told holds back the others to the same host, when it is the times-th (1: the first)
/// that was told to wait without an answer to another between. One image or page may be told nonsense, and the next
/// request shows whether it was alone: 1 s is believed at first, then eight times as much each time, at last all.
[[nodiscard]] std::chrono::seconds believed_of_host(std::chrono::seconds asked, std::uint32_t times);

}  // namespace doutu

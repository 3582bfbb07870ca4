// Days of the Gregorian calendar as numbers, and as text. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// Of "2026-01-31", from 0000-01-01 on; nullopt: there is no such day.
[[nodiscard]] std::optional<std::uint64_t> day_number(std::string_view text);

/// By %Y %y %m %d %j %b %B %% (as strftime, in English), and %-m and the like without zeros in front.
/// Precondition: can_write_day(format).
[[nodiscard]] std::string day_text(std::uint64_t day, std::string_view format);
[[nodiscard]] bool can_write_day(std::string_view format);

inline constexpr std::string_view kUsualDay = "%Y-%m-%d";

}  // namespace doutu

// The Last-Modified header (RFC 9110 section 8.8.2). Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace doutu {

/// The time that a file may have for it. nullopt: it is no date, lies in the future, or before there were web servers:
/// those who know no time say 1970 (time 0), or 1980 (the first that FAT has).
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_last_modified(std::string_view value,
                                                                          std::chrono::sys_seconds now);

}  // namespace doutu

// Values of flags: text into numbers, with errors that quote the text and say what is allowed. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/base/result.h"

namespace doutu {

/// A whole number from low to high, digits only.
[[nodiscard]] Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t low, std::uint64_t high);

/// Seconds from low to high, such as "30" or "0.05", rounded to milliseconds.
[[nodiscard]] Result<milliseconds> parse_seconds(std::string_view text, milliseconds low, milliseconds high);

/// Seconds as parse_seconds() reads them: "30", "0.05".
[[nodiscard]] std::string seconds_text(milliseconds time);

/// Bytes from low to high, such as "500000", "64M" or "1.5G": K, M, G and T stand for powers of 1024.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text, std::uint64_t low, std::uint64_t high);

/// Bytes as parse_size() reads them: "64M", "1000".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// A value that goes into an HTTP header or is a path: 1 to 1000 bytes, no control characters.
[[nodiscard]] Result<std::string> parse_line(std::string_view text);

}  // namespace doutu

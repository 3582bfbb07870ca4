// Numbers as people read them: values in, text out. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

/// "0", "999", "1,234,567".
[[nodiscard]] std::string human_count(std::uint64_t count);
/// "0 B", "1023 B", "1.0 KiB", "20.9 MiB".
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "0.3 s", "12.3 s", "4 min 05 s", "2 h 03 min".
[[nodiscard]] std::string human_seconds(double elapsed);
/// The same without parts of a second: "0 s", "12 s", "4 min 05 s".
[[nodiscard]] std::string human_time(double elapsed);
/// Of something per second: "0.3", "56".
[[nodiscard]] std::string human_rate(double per_second);
/// "1 page", "2 pages".
[[nodiscard]] std::string human_number_of(std::uint64_t count, std::string_view noun);

}  // namespace doutu

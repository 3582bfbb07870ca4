#include "shared/base/human_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace doutu {

std::string human_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, 1, ',');
  return text;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1023.95; ++unit) value /= 1024;  // so that nothing rounds up to "1024.0"
  return fmt::format("{:.1f} {}", value, kUnits.at(unit));
}

std::string human_seconds(double elapsed) {
  if (!(elapsed >= 0)) elapsed = 0;  // NaN too
  if (elapsed < 59.95) return fmt::format("{:.1f} s", elapsed);
  const auto whole = static_cast<std::uint64_t>(std::llround(std::min(elapsed, 1e9)));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string human_time(double elapsed) {
  if (!(elapsed >= 0)) elapsed = 0;  // NaN too
  if (elapsed < 59.5) return fmt::format("{:.0f} s", elapsed);
  return human_seconds(std::max(elapsed, 60.0));
}

std::string human_rate(double per_second) { return fmt::format("{:.{}f}", per_second, per_second < 9.95 ? 1 : 0); }

std::string human_number_of(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", human_count(count), noun, count == 1 ? "" : "s");
}

}  // namespace doutu

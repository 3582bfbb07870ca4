#include "crawler/fetcher/attribute/media_width.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

/// What such a screen is not.
constexpr auto kNever =
    std::to_array<std::string_view>({"print", "speech", "max-", "portrait", "dark", "reduce", "not ", "only print"});

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// "48em" in pixels; 0 for what is no length.
double pixels_in(std::string_view text) {
  const std::string number(text.substr(std::min(text.find_first_of("0123456789."), text.size())));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  constexpr double kEm = 16;
  const std::string_view unit(end);
  return unit.starts_with("em") || unit.starts_with("rem") ? value * kEm : value;
}

/// "width <= 600px", "600px >= width": at most.
bool is_upper_bound(std::string_view condition) {
  const std::size_t width = condition.find("width");
  if (width == std::string_view::npos) return false;
  return contains(condition.substr(width), "<") || contains(condition.substr(0, width), ">");
}

std::optional<double> width_in_query(std::string_view query) {
  if (std::ranges::any_of(kNever, [&](std::string_view word) { return contains(query, word); })) return std::nullopt;
  double least = 0;
  while (contains(query, "(")) {
    query.remove_prefix(query.find('(') + 1);
    const std::string_view condition = query.substr(0, query.find(')'));
    if (is_upper_bound(condition)) return std::nullopt;
    if (contains(condition, "width")) least = std::max(least, pixels_in(condition));
  }
  return least;
}

}  // namespace

std::optional<double> width_for_large_screen(std::string_view media) {
  const std::string queries = ascii_lower(media);
  std::optional<double> widest;
  for (std::string_view rest = queries;;) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const auto width = width_in_query(rest.substr(0, end));
    if (width && (!widest || *width > *widest)) widest = width;
    if (end == rest.size()) return widest;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace doutu

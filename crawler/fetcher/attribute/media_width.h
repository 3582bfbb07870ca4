// Media queries, as far as the <source>s of a <picture> need them. Page fetcher; pure.
#pragma once

#include <optional>
#include <string_view>

namespace doutu {

/// Whether a browser with a large, wide, bright screen takes what this media attribute is of, and if so the smallest
/// width in pixels that it asks for; 0: any. nullopt: it is for small screens (max-width), for print, for the dark.
[[nodiscard]] std::optional<double> width_for_large_screen(std::string_view media);

}  // namespace doutu

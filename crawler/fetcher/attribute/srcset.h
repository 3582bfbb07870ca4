// The candidates of a srcset attribute (HTML section 4.8.4.3.10, "parse a srcset attribute") and the best of them. Pure
// and linear, over views of the attribute. Page fetcher.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace doutu {

/// An image that a srcset offers. At most one of width and density is there; neither means 1x.
struct SrcsetCandidate {
  std::string_view url;
  std::optional<std::uint64_t> width;  ///< "640w", above zero.
  std::optional<double> density;       ///< "1.5x", not below zero.
};

/// Takes the next candidate off the front of srcset; nullopt at its end. Descriptors that contradict one another or ask
/// for nothing (two widths, width and density, height without width, 0w) drop their candidate. What is no descriptor
/// ("1.0w", "large") is passed over, as an early browser did: today's drop that candidate too, but a crawler would lose
/// an image by it.
[[nodiscard]] std::optional<SrcsetCandidate> take_srcset_candidate(std::string_view& srcset);

/// The URL of the candidate with most pixels: the widest one, else the densest; the first of equal ones. nullopt: none.
[[nodiscard]] std::optional<std::string_view> best_srcset_candidate(std::string_view srcset);

}  // namespace doutu

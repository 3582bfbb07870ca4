// Telling expressions: the plainest XPath that finds some sightings of a kind and leaves out the others. For proposals;
// pure. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "crawler/fetcher/suggest/element_feature.h"
#include "crawler/fetcher/suggest/image_sightings.h"

namespace doutu {

struct TellingExpression {
  std::string xpath;
  std::size_t others = 0;  ///< Sightings that it finds beside the wanted ones.
  int cost = 0;
};

/// Expressions that find every wanted sighting: those with fewest others, of these the cheapest first. Never empty; at
/// most `most`. Tries what all of the wanted have in common, alone and in pairs. Precondition: wanted is not empty, and
/// is of all.
[[nodiscard]] std::vector<TellingExpression> telling_expressions(const SightingKind& kind,
                                                                 const std::vector<Sighting>& all,
                                                                 const std::vector<const Sighting*>& wanted,
                                                                 std::size_t most);

}  // namespace doutu

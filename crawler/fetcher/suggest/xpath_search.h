// XPath search: the plainest XPath that finds some candidates of a kind and leaves out the others. For suggestions;
// pure. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "crawler/fetcher/suggest/image_candidates.h"
#include "crawler/fetcher/suggest/xpath_predicate.h"

namespace doutu {

struct FoundXpath {
  std::string xpath;
  std::size_t others = 0;  ///< Candidates that it finds beside the wanted ones.
  int cost = 0;
};

/// Expressions that find every wanted candidate: those with fewest others, of these the cheapest first. Never empty; at
/// most `most`. Tries what all of the wanted have in common, alone and in pairs. Precondition: wanted is not empty, and
/// is of all.
[[nodiscard]] std::vector<FoundXpath> search_xpaths(const CandidateKind& kind, const std::vector<ImageCandidate>& all,
                                                    const std::vector<const ImageCandidate*>& wanted, std::size_t most);

}  // namespace doutu

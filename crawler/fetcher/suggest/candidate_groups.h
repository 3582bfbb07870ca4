// Candidate groups: which candidates of a kind are the images that a page is about. For suggestions; pure. Page
// fetcher, one thread.
#pragma once

#include <cstddef>
#include <vector>

#include "crawler/fetcher/suggest/image_candidates.h"

namespace doutu {

struct MainImages {
  std::vector<const ImageCandidate*> candidates;  ///< In no order; empty: the kind has placeholders alone.
  std::size_t distinct = 0;                       ///< Their URLs, each once.
};

/// Of all candidates of a kind, those of the group with most different URLs, and of the groups that seem to go with it:
/// not much smaller, with URLs of the same server and folder. A group is elements with the same class and
/// referrerpolicy that stand in something with the same class; links around an image are none with other links.
[[nodiscard]] MainImages main_images(const std::vector<ImageCandidate>& kind);

}  // namespace doutu

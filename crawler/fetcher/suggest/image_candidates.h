// Image candidates: where on a page attributes look like URLs of images. For suggestions of XPath expressions; pure.
// Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/html/libxml.h"

namespace doutu {

/// An attribute that some element of its kind uses for an image; this one may not.
struct ImageCandidate {
  const xmlNode* element = nullptr;
  std::string value;  ///< Trimmed; of a srcset the best candidate.
  std::string url;    ///< What it resolves to; of an image within the page its beginning. Empty: it is no image.
};

/// An element's name and an attribute's: {"img", "data-original"}.
using CandidateKind = std::pair<std::string, std::string>;
using ImageCandidates = std::map<CandidateKind, std::vector<ImageCandidate>>;

/// Most candidates that are looked at; the rest of a page that has more is passed over.
inline constexpr std::size_t kMaxCandidates = 50'000;

/// All attributes, in document order, of each kind that is used for an image at least once. They point into the page.
[[nodiscard]] ImageCandidates find_candidates(const HtmlDocument& page, const PageBase& base);

}  // namespace doutu

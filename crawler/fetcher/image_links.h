// From a page's tree to the URLs of its images. Pure. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html_document.h"
#include "crawler/fetcher/xpath.h"
#include "shared/base/cause.h"
#include "shared/http/url.h"

namespace doutu {

struct ImageLinks {
  Cause cause = Cause::none;       ///< too_many_hits, xpath_limit or page_unreadable; links is what was found before.
  std::vector<ResolvedUrl> links;  ///< Expression after expression, each in document order. A hit that is no http(s)
                                   ///< URL is there with its cause.
};

/// Resolves every hit of the expressions against the page's base URL: that of its <base>, else page_url (where the page
/// came from in the end). At most max_hits in all.
[[nodiscard]] ImageLinks find_image_links(const HtmlDocument& page, std::span<const Xpath> xpaths,
                                          std::string_view page_url, std::size_t max_hits);

}  // namespace doutu

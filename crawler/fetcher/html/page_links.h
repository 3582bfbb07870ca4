// From a page's tree to the pages that it links to. Pure. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/html/xpath.h"
#include "shared/base/cause.h"

namespace doutu {

/// A link to another page, absolute.
struct LinkToPage {
  std::uint32_t step = 1;  ///< PageTask::step of that page.
  std::string url;
  bool operator==(const LinkToPage&) const = default;
};

struct LinksToPages {
  Cause cause = Cause::none;      ///< As of ImageLinks.
  std::vector<LinkToPage> links;  ///< Those to deeper steps first. Each URL once.
};

/// Expressions that find links, and where these lead.
struct LinkExpressions {
  std::span<const Xpath> xpaths;
  std::uint32_t step = 1;
};

/// What is no http or https URL ("mailto:", "javascript:") is no page. At most max_links in all (too_many_hits).
[[nodiscard]] LinksToPages find_links_to_pages(const HtmlDocument& page, std::span<const LinkExpressions> expressions,
                                               const PageBase& base, std::size_t max_links);

}  // namespace doutu

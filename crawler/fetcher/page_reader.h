// From a page that was fetched to what it has: images, links to other pages, or another page that it leads to by
// itself. Pure. Page fetcher, one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/html/page_links.h"
#include "crawler/fetcher/page_expressions.h"
#include "crawler/fetcher/page_request.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/crawl/page_task.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

struct PageContent {
  Cause cause = Cause::none;  ///< As of ImageLinks; the rest is what was found before.
  std::vector<ImageLink> images;
  std::vector<LinkToPage> pages;
  std::optional<std::string> refresh;  ///< Where a page that has neither leads by itself.
  ReferrerPolicy referrer_policy{};    ///< Of what names none itself.
};

/// Takes the page's body: nothing but what was found is left of it.
[[nodiscard]] PageContent read_page(const PageTask& task, FetchedPage& page, const PageExpressions& expressions,
                                    const PageOptions& options);

/// Of a list that names an image on each line. Lines without text and those that begin with # are none.
[[nodiscard]] PageContent read_image_list(std::string_view text);

}  // namespace doutu

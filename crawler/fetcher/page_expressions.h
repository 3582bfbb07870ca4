// PageExpressions: what is looked for on the pages of a crawl, compiled once. Page fetcher, one thread.
#pragma once

#include <vector>

#include "crawler/fetcher/html/xpath.h"
#include "crawler/fetcher/text/rewrite.h"
#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// What a list of pages names: a sitemap, a feed.
struct ListExpressions {
  std::vector<Xpath> pages;
  std::vector<Xpath> lists;  ///< Further lists.
};

/// The expressions of PageOptions.
struct PageExpressions {
  std::vector<Xpath> images;  ///< On pages of the last step.
  std::vector<Xpath> follow;  ///< Links from step 1, 2 ... to the one below.
  std::vector<Xpath> next;    ///< Links to pages of the same step.

  std::vector<Xpath> alternatives;  ///< From an image's element on.
  std::vector<Rewrite> rewrites;
  ListExpressions list;

  [[nodiscard]] static Result<PageExpressions> compile(const PageOptions& options);
};

}  // namespace doutu

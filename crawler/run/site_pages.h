// The pages of a crawl, and the server that is theirs. The parent's thread.
#pragma once

#include <memory>
#include <string>

#include "crawler/plan/page_source.h"
#include "crawler/request/recipe.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"

namespace doutu {

struct SitePages {
  std::unique_ptr<PageSource> pages;
  std::string host;    ///< That may have a private address. Of a list: of its first URL.
  std::string server;  ///< That gets the credentials: scheme, host and port.
};

/// Those of a template, or of the list that the folder keeps. The error is a line for the user.
[[nodiscard]] Result<SitePages> open_site_pages(const Recipe& recipe, const AskedPages& asked,
                                                const StateFolder& folder);

}  // namespace doutu

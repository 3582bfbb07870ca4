// A request before the first page: fetched, a form filled in and sent, the answer looked at. Page fetcher, one thread.
#pragma once

#include <string_view>

#include "crawler/fetcher/page_request.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/process/messages.h"

namespace doutu {

/// Blocks as long as two pages may. What it says has no value of a field in it.
[[nodiscard]] Prepared make_login_request(PageRequest& request, const Prepare& asked, const PageOptions& options);

}  // namespace doutu

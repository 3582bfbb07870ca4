// The cookies that a crawl begins with: those of its folder, and those of the user's files and browser that serve it.
// The parent's thread, before the crawl.
#pragma once

#include <string>

#include "crawler/command_line/command_line.h"
#include "crawler/cookies/crawl_cookies.h"
#include "crawler/view/crawl_log.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"

namespace doutu {

/// host: of the pages. Says what was taken of what the user gives. The error is a line for the user; its code is 0
/// where what he gives is wrong.
[[nodiscard]] Result<CrawlCookies> start_cookies(const CrawlCommand& command, const std::string& host,
                                                 const StateFolder& folder, CrawlLog& log);

}  // namespace doutu

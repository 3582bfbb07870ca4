// The cookies of a profile of Firefox. Firefox may be running: its database is read as it lies there with its WAL, and
// nothing is locked, written or made beside it (sqlite.h). When it was written meanwhile, it is read again. The
// parent's thread, before a crawl.
#pragma once

#include <cstdint>
#include <string>

#include "crawler/cookies/given_cookies.h"
#include "shared/base/result.h"

namespace doutu {

/// Without those of container tabs, and without those that a site has only within another one (partitioned). profile: a
/// folder. The error is a line for the user.
[[nodiscard]] Result<GivenCookies> read_firefox_cookies(const std::string& profile, std::int64_t now_ms);

}  // namespace doutu

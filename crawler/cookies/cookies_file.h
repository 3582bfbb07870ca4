// A file of cookies in the Netscape format (shared/cookies/netscape_file.h) on the disk. The parent's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crawler/cookies/given_cookies.h"
#include "shared/base/result.h"

namespace doutu {

/// The cookies of a file of at most 64 MiB; at least one line of it is a cookie. The error is a line for the user, and
/// has nothing of what stands in the file.
[[nodiscard]] Result<GivenCookies> read_cookies_file(const std::string& path, std::int64_t now_ms);

/// Writes the cookies, in place of a file that was there, all or nothing, for the user alone to read. A symbolic link
/// to a file stays one.
[[nodiscard]] Status save_cookies_file(const std::string& path, const std::vector<Cookie>& cookies);

}  // namespace doutu

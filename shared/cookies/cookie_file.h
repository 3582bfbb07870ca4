// The file of a crawl's cookies, DIR/.doutu/cookies.txt: the user's alone, and replaced as a whole. Parent (before the
// downloader starts) and downloader.
#pragma once

#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/cookies/cookie.h"
#include "shared/folder/state_folder.h"

namespace doutu {

inline constexpr const char* kCookieFileName = "cookies.txt";

struct CookieFile {
  std::vector<Cookie> cookies;
  std::string imported;  ///< What stands for the cookies that the user gave last (imported_cookies.h); empty: none.
};

/// What can be read of it; nothing where there is none.
[[nodiscard]] CookieFile read_cookie_file(const StateFolder& folder);

/// On the disk when it returns. Error: the file is as it was.
Status write_cookie_file(const StateFolder& folder, const CookieFile& file);

}  // namespace doutu

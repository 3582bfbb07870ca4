// Cookie files as curl, wget, yt-dlp and the exporters of browsers write them: "cookies.txt", the Netscape format.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/cookies/cookie.h"

namespace doutu {

/// What a file looks like by its first bytes.
enum class CookieFileKind : std::uint8_t { netscape, json, utf16, sqlite };

struct NetscapeCookies {
  CookieFileKind kind = CookieFileKind::netscape;  ///< Of another one no line was read.
  std::vector<Cookie> cookies;                     ///< In the order of the file, well formed.
  std::size_t expired = 0;                         ///< Lines whose cookies are no more; not among them.
  std::vector<std::size_t> odd_lines;              ///< Numbers, from 1, of lines that are no cookie: the first 10.
  std::size_t odd_count = 0;                       ///< All of them.
};

/// Seven columns with tabs between them: domain, whether its subdomains get it (TRUE, FALSE), path, whether it is for
/// https alone, expiry in seconds since 1970 (0: of the session), name, value. Read is also what is found in the wild:
/// spaces for tabs, no column for an empty value, expiry with a fraction, in milliseconds or microseconds, and beyond
/// all bounds. Either a dot before the domain or TRUE gives a cookie to subdomains. A line may begin with #HttpOnly_;
/// any other # is a comment. SameSite is not in such a file, so it is unset.
[[nodiscard]] NetscapeCookies read_netscape_cookies(std::string_view text, std::int64_t now_ms);

/// Such a file, with the first line that its readers ask for.
[[nodiscard]] std::string netscape_cookies_text(const std::vector<Cookie>& cookies);

}  // namespace doutu

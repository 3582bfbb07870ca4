// The cookies that a crawl begins with: those of the user's files and browser that serve it. Reads files; the parent's
// thread, before a crawl.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crawler/cookies/cookie_sources.h"
#include "crawler/cookies/given_cookies.h"
#include "shared/base/result.h"
#include "shared/cookies/cookie.h"

namespace doutu {

/// What a crawl needs cookies for.
struct CookieNeeds {
  std::vector<std::string> hosts{};    ///< Of the pages that the user named, as url_host() says them.
  std::vector<std::string> domains{};  ///< --cookies-domain, by read_cookie_domain().
};

/// Those of the cookies that serve the registrable domain of a host, and those that a domain among the needs, or a host
/// below it, would get. The latter are SameSite::given where nothing is known of their SameSite.
[[nodiscard]] std::vector<Cookie> needed_cookies(std::vector<Cookie> cookies, const CookieNeeds& needs);

struct ImportedCookies {
  std::vector<Cookie> cookies;  ///< In the order of the sources: what comes later replaces.
  std::vector<std::string>
      lines;  ///< For the start of the crawl: how many of how many, and of which domains. No value.
};

/// home: the user's home folder, for the profiles of Firefox. The error is a line for the user that names the flag.
[[nodiscard]] Result<ImportedCookies> import_cookies(const CookieSources& sources, const CookieNeeds& needs,
                                                     const std::string& home, std::int64_t now_ms);

/// $HOME, or what the user database says; empty: unknown.
[[nodiscard]] std::string home_folder();

}  // namespace doutu

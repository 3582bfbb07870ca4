// Which cookies the user gives, and of whom: the values of --cookies, --cookies-from and --cookies-domain. Any thread.
#pragma once

#include <string>
#include <vector>

#include "shared/base/result.h"

namespace doutu {

/// Where cookies come from that a crawl begins with.
struct CookieSources {
  std::vector<std::string> files{};  ///< In the Netscape format.
  std::string browser{};             ///< "firefox", "firefox:PROFILE"; empty: none.

  [[nodiscard]] bool empty() const { return files.empty() && browser.empty(); }
  bool operator==(const CookieSources&) const = default;
};

/// "firefox", or "firefox:PROFILE" with the name of a profile or the absolute path of its folder.
[[nodiscard]] Status check_browser(const std::string& text);

/// A domain whose cookies are taken, as url_host() says it; a dot before it is dropped. Error: no host, or a public
/// suffix, which is no one site.
[[nodiscard]] Result<std::string> read_cookie_domain(const std::string& text);

}  // namespace doutu

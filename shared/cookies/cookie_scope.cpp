#include "shared/cookies/cookie_scope.h"

#include <string>

#include "shared/cookies/site.h"
#include "shared/url/url.h"

namespace doutu {

// Whatever the schemes: http leads to https.
bool is_in_cookie_scope(std::string_view url, std::string_view page) {
  const std::string host = url_host(url);
  const std::string page_host = url_host(page);
  return host == page_host || site_of(host) == site_of(page_host);
}

}  // namespace doutu

// Asks the page fetcher's program whether the template's host is in the user's own network, since the parent does no
// network I/O. The parent's thread, before the crawl starts.
#pragma once

#include <string>

#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// What http.site_host has to be: host when every address that its name has now is private, else empty. Asked
/// once, so that a name of the open internet cannot become one of the user's network while the crawl runs. Empty too
/// when the name does not resolve within 10 s, when the program dies of it, when private addresses are not refused at
/// all, and for a name that a proxy looks up. Else a name is looked up by `doutu-fetcher --site-address HOST`. Error:
/// it could not be asked.
[[nodiscard]] Result<std::string> private_site_host(const std::string& host, const HttpOptions& http);

}  // namespace doutu

// Where a page leads by itself, rather than by a redirect: as a browser would go on. Page fetcher, one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/image_links.h"

namespace doutu {

/// The other URL, http or https, to which a Refresh header or else a <meta http-equiv=refresh> leads within a minute;
/// nullopt: none. header: empty where there is none. A <meta> within <noscript> is for other browsers.
[[nodiscard]] std::optional<std::string> page_refresh(const HtmlDocument& page, const PageBase& base,
                                                      std::string_view page_url, std::string_view header);

}  // namespace doutu

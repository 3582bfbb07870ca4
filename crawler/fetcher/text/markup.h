// Markup: whether a page is HTML or XML. Page fetcher; pure.
#pragma once

#include <string_view>

namespace doutu {

enum class Markup { html, xml };

/// What browsers and feed readers take a page for: XML where the Content-Type says so (text/xml, application/xhtml+xml,
/// any +xml); a feed or sitemap that calls itself HTML (WHATWG MIME Sniffing section 7.3, and the roots of sitemaps);
/// and where nothing is said (no type, text/plain, application/octet-stream ...) what begins as XML.
[[nodiscard]] Markup sniff_markup(std::string_view bytes, std::string_view content_type);

}  // namespace doutu

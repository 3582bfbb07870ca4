// Markup: whether a page is HTML, XML or JSON. Page fetcher; pure.
#pragma once

#include <string_view>

namespace doutu {

enum class Markup { html, xml, json };

/// What browsers and feed readers take a page for: XML where the Content-Type says so (text/xml, application/xhtml+xml,
/// any +xml); a feed or sitemap that calls itself HTML (WHATWG MIME Sniffing section 7.3, and the roots of sitemaps);
/// and where nothing is said (no type, text/plain, application/octet-stream ...) what begins as XML.
///
/// JSON where the type says so (application/json, text/json, any +json). Of HTML, which servers also call JSON that a
/// script prints, what has the first characters of JSON and its last: an HTML page ends otherwise. Of any other type
/// but XML what has its first characters.
[[nodiscard]] Markup sniff_markup(std::string_view bytes, std::string_view content_type);

}  // namespace doutu

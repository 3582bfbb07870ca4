// Element URLs: which URL an element stands for when an expression hits the element itself. Page fetcher; pure.
#pragma once

#include <string>
#include <string_view>

#include "crawler/fetcher/html/libxml.h"

namespace doutu {

/// The image that a browser with a large screen would show, in its largest form; empty: none.
///
/// Of an <img>: of the <source>s of its <picture> that such a browser may take (type, media) and of its own srcset the
/// largest; else what scripts that load images late will put there (data-src, data-original ..., with the largest of
/// data-widths for {width}); else its src. A stand-in, such as a data: URL or blank.gif, only where there is nothing
/// else. Of other elements: their URL (href of a link, content of a <meta>, poster of a <video>).
///
/// In XML that is no web page also url, href or src of any element, or its text: <enclosure url>, <image:loc>. In
/// JSON its value; of an object that of its member url.
[[nodiscard]] std::string element_url(const xmlNode& element, const HtmlDocument::Tree& tree);

/// What any node stands for as a hit: an element for its URL, an attribute for that in it, a text for itself.
[[nodiscard]] std::string node_url(const xmlNode& node);

/// The URL that an attribute has: that of its best candidate where it is a srcset, under whatever name scripts that
/// load images late know it (data-srcset, data-lazy-srcset, imagesrcset).
[[nodiscard]] std::string_view url_in_attribute(std::string_view name, std::string_view value);

}  // namespace doutu

// From HTML text to a libxml2 tree, by the HTML5 algorithm (Gumbo). libxml2's own parser loses everything after 257
// nested elements, a text of 10 MB, a NUL or "<!-->". The only file that knows Gumbo. Page fetcher, one thread.
#pragma once

#include <memory>
#include <string_view>

#include "crawler/fetcher/html/html_document.h"

namespace doutu {

struct TreeMemory;

/// The tree of a page: elements without namespaces (names as HTML5 spells them, "xlink:href" one word), attributes,
/// text, comments; the content of <template> left out, but that of a shadow root stands in
/// its host. Null when it takes more than memory has: misnested markup may
/// ask for a tree that is the square of its size (HTML section 13.2.4.3). Precondition: html is UTF-8.
std::unique_ptr<HtmlDocument::Tree> build_html_tree(std::string_view html, TreeMemory& memory);

}  // namespace doutu

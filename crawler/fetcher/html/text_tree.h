// A tree of texts: what an XPath function that yields texts makes. Page fetcher, one thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/html_document.h"

namespace doutu {

struct TreeMemory;

/// One text below the other, each in an element of its own; without the empty ones. Null when it takes more than memory
/// has left.
[[nodiscard]] std::unique_ptr<HtmlDocument::Tree> build_text_tree(const std::vector<std::string_view>& texts,
                                                                  TreeMemory& memory);

}  // namespace doutu

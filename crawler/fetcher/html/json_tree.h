// From JSON text to a tree of the same kind as an HTML page's, by nlohmann/json's parser. Page fetcher, one thread.
#pragma once

#include <memory>
#include <string_view>

#include "crawler/fetcher/html/html_document.h"

namespace doutu {

struct TreeMemory;

/// The tree of a JSON text; null when it takes more than memory has left. Its document element is <json>.
/// - A member is an element of its name. A key that is no XML name ("@graph", "2x", "") is <item name="KEY">.
/// - An array repeats the element that it stands in: {"a":[1,2]} is <a>1</a><a>2</a>. At the top, or in an array, it
///   holds <item>s.
/// - A string is its text, a number and a truth value what is written, null nothing. U+0000, and surrogates without
///   their other half, which people make who cut a text within an emoji, are U+FFFD.
///
/// A fault ends the tree there, and is its cause: bad_json. Depth has no bound. Precondition: json is UTF-8.
[[nodiscard]] std::unique_ptr<HtmlDocument::Tree> build_json_tree(std::string_view json, TreeMemory& memory);

}  // namespace doutu

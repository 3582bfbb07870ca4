// Stand-ins: URLs of images that stand where another will be. Page fetcher; pure.
#pragma once

#include <string_view>

namespace doutu {

/// A data: URL, about:blank, or a file whose name says nothing else: "blank.gif", "1x1.png", "lazy-loading_2.svg".
[[nodiscard]] bool is_stand_in(std::string_view url);

/// Whether a value can be a URL at all: it is not empty, and has no white space, double quotes or braces in it, as
/// texts and the templates of scripts ("{{item.src}}", "a_{width}x.jpg") have.
[[nodiscard]] bool can_be_url(std::string_view value);

}  // namespace doutu

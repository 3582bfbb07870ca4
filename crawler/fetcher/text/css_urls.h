// The URLs of a style sheet, or of a style attribute: url(...) as CSS reads it. Page fetcher; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doutu {

/// What every url() names, in order, unescaped: quoted or not (CSS Syntax sections 4.3.4 to 4.3.7). What stands in
/// comments and strings is no url(). A bad URL (a space or a quote within) is passed over, as browsers do; a text that
/// ends within one counts. Linear.
[[nodiscard]] std::vector<std::string> css_urls(std::string_view css);

}  // namespace doutu

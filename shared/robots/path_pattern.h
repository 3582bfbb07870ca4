// PathPattern: the path of one rule of a robots.txt (RFC 9309 section 2.2), as "/private/*.jpg$". And the spelling in
// which patterns and URLs are compared. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace doutu {

/// Path and query of a URL, or a pattern, in one spelling: what is not reserved stands as it is, what is no character
/// of a URL as %XX in capitals. Behind the first '?' also ":/?@" stand as they are, however they were written; before
/// it
/// "%2F" is no slash. '*' and '$' that mean themselves are %2A and %24.
[[nodiscard]] std::string canonical_path(std::string_view path_and_query);
[[nodiscard]] std::string canonical_pattern(std::string_view pattern);

/// Whether the pattern stands for the path: '*' for anything, '$' at its end for the end, all else for itself. Both
/// canonical. Takes time linear in both together, whatever they are.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);

}  // namespace doutu

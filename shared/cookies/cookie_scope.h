// Whose cookies a page may bring along, and may be given: those of its own site. A page is redirected to wherever a
// server likes, and the fetcher that says so may have been taken over. Pure; any thread.
#pragma once

#include <string_view>

namespace doutu {

/// Whether an answer of `url` may set cookies that outlive this page, and a request for it is given any. URLs as
/// normalise_url() returns them.
[[nodiscard]] bool is_in_cookie_scope(std::string_view url, std::string_view page);

}  // namespace doutu

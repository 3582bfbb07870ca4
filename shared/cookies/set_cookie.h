// The header Set-Cookie: RFC 6265bis sections 5.6 and 5.7, as far as one cookie goes. What a cookie does to those that
// are there already is CookieJar's business. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/cookies/cookie.h"

namespace doutu {

/// Where and when a cookie is set.
struct Setting {
  std::string_view url;          ///< Of the answer, normalised.
  std::int64_t now_ms = 0;       ///< Milliseconds since 1970.
  bool from_other_site = false;  ///< An image of another site than its page (are_same_site_urls()).
};

/// What the value of one header sets; well formed. nullopt: browsers ignore it, too. A cookie that deletes has
/// `expires` in the past, never 0. Stricter than the RFC in two things, for the sake of files and records: a tab within
/// a name, a value or a path is refused, as is a path of more than 1024 bytes that no attribute says.
[[nodiscard]] std::optional<Cookie> read_set_cookie(std::string_view value, const Setting& setting);

}  // namespace doutu

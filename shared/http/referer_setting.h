// What --referer may be. Apart from Referer, so that who only checks it needs no libcurl. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "shared/url/referrer_policy.h"

namespace doutu {

/// "none", "origin", "page", or a URL.
[[nodiscard]] bool is_referer_setting(std::string_view text);

/// What the words say in place of pages; nullopt: it is a URL, or empty.
[[nodiscard]] std::optional<ReferrerPolicy> referrer_policy_of_setting(std::string_view text);

}  // namespace doutu

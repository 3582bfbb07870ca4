// Referrer Policy (W3C): what a request says of the page that named its URL, and where pages say which policy holds.
// Pure. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace doutu {

/// The numbers are in lanes and ledgers.
enum class ReferrerPolicy : std::uint8_t {
  strict_origin_when_cross_origin = 0,  ///< That of browsers where nobody says otherwise.
  no_referrer = 1,
  no_referrer_when_downgrade = 2,
  same_origin = 3,
  origin = 4,
  strict_origin = 5,
  origin_when_cross_origin = 6,
  unsafe_url = 7,
};

/// nullopt: there is no such policy.
[[nodiscard]] std::optional<ReferrerPolicy> referrer_policy_from_number(std::uint64_t number);

// Of each place that says it; nullopt: it says nothing that is known, and the next one counts.

/// An element's referrerpolicy: one of the names.
[[nodiscard]] std::optional<ReferrerPolicy> referrer_policy_of_attribute(std::string_view value);
/// The content of <meta name=referrer>: the same, or one of the names of its first years (HTML section 4.2.5.1).
[[nodiscard]] std::optional<ReferrerPolicy> referrer_policy_of_meta(std::string_view content);
/// The header Referrer-Policy, all of them joined by commas: the last name that is known (section 8.1).
[[nodiscard]] std::optional<ReferrerPolicy> referrer_policy_of_header(std::string_view values);

/// The Referer of a request for url, which that page named (section 8.3): a view of page, empty for none. Both are
/// absolute and normal; page is without userinfo, or empty. Of a page whose URL is longer than 4096 bytes the origin at
/// most.
[[nodiscard]] std::string_view referer_for(std::string_view url, std::string_view page, ReferrerPolicy policy);

}  // namespace doutu

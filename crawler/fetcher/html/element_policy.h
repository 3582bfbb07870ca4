// Element policies: what elements say of the referrer policy of what they show or lead to. Page fetcher; pure.
#pragma once

#include <optional>

#include "crawler/fetcher/html/libxml.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

/// Of a hit: that of its element, or that of the element whose attribute it is; of a link with rel=noreferrer that it
/// tells nothing. Of a <picture> and of its sources it is that of the <img> (HTML section 4.8.4.3.5). nullopt: the
/// page's, as for a text.
[[nodiscard]] std::optional<ReferrerPolicy> policy_of_hit(const xmlNode& hit);

/// <meta name=referrer>.
[[nodiscard]] bool is_referrer_meta(const xmlNode& meta);
/// Of such a <meta>: nullopt where it names none, or is for browsers without scripts.
[[nodiscard]] std::optional<ReferrerPolicy> policy_of_meta(const xmlNode& meta);

}  // namespace doutu

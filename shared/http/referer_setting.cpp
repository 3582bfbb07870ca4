#include "shared/http/referer_setting.h"

#include "shared/url/url.h"

namespace doutu {

bool is_referer_setting(std::string_view text) { return referrer_policy_of_setting(text) || normalise_url(text); }

std::optional<ReferrerPolicy> referrer_policy_of_setting(std::string_view text) {
  if (text == "none") return ReferrerPolicy::no_referrer;
  if (text == "origin") return ReferrerPolicy::origin;
  if (text == "page") return ReferrerPolicy::unsafe_url;
  return std::nullopt;
}

}  // namespace doutu

#include "shared/http/referer.h"

#include "shared/http/referer_setting.h"

namespace doutu {

Referer::Referer(std::string_view setting) : policy_(referrer_policy_of_setting(setting)) {
  if (!policy_) named_ = setting;
}

std::string_view Referer::of(std::string_view url, std::string_view page, ReferrerPolicy policy) const {
  return named_.empty() ? referer_for(url, page, policy_.value_or(policy)) : named_;
}

}  // namespace doutu

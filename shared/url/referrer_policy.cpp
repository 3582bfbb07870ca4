#include "shared/url/referrer_policy.h"

#include <algorithm>
#include <array>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"
#include "shared/url/url_split.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxRefererBytes = 4096;

/// By their numbers.
constexpr std::array<std::string_view, 8> kNames{"strict-origin-when-cross-origin",
                                                 "no-referrer",
                                                 "no-referrer-when-downgrade",
                                                 "same-origin",
                                                 "origin",
                                                 "strict-origin",
                                                 "origin-when-cross-origin",
                                                 "unsafe-url"};

struct OldName {
  std::string_view name;
  ReferrerPolicy policy;
};
constexpr std::array kOldNames{
    OldName{"never", ReferrerPolicy::no_referrer},
    OldName{"default", ReferrerPolicy::strict_origin_when_cross_origin},
    OldName{"always", ReferrerPolicy::unsafe_url},
    OldName{"origin-when-crossorigin", ReferrerPolicy::origin_when_cross_origin},
};

/// Of a request, in the words of the policies.
struct Step {
  bool is_same_origin;
  bool is_downgrade;
};

enum class Told { nothing, origin, all };

Told told(ReferrerPolicy policy, const Step& step) {
  switch (policy) {
    case ReferrerPolicy::no_referrer:
      return Told::nothing;
    case ReferrerPolicy::no_referrer_when_downgrade:
      return step.is_downgrade ? Told::nothing : Told::all;
    case ReferrerPolicy::same_origin:
      return step.is_same_origin ? Told::all : Told::nothing;
    case ReferrerPolicy::origin:
      return Told::origin;
    case ReferrerPolicy::strict_origin:
      return step.is_downgrade ? Told::nothing : Told::origin;
    case ReferrerPolicy::origin_when_cross_origin:
      return step.is_same_origin ? Told::all : Told::origin;
    case ReferrerPolicy::strict_origin_when_cross_origin:
      if (step.is_same_origin) return Told::all;
      return step.is_downgrade ? Told::nothing : Told::origin;
    case ReferrerPolicy::unsafe_url:
      return Told::all;
  }
  return Told::nothing;
}

}  // namespace

std::optional<ReferrerPolicy> referrer_policy_from_number(std::uint64_t number) {
  if (number >= kNames.size()) return std::nullopt;
  return static_cast<ReferrerPolicy>(number);
}

std::optional<ReferrerPolicy> referrer_policy_of_attribute(std::string_view value) {
  const auto* const name = std::ranges::find_if(kNames, [&](auto one) { return equals_ignoring_case(one, value); });
  return referrer_policy_from_number(static_cast<std::uint64_t>(name - kNames.begin()));
}

std::optional<ReferrerPolicy> referrer_policy_of_meta(std::string_view content) {
  const auto* const old =
      std::ranges::find_if(kOldNames, [&](const OldName& one) { return equals_ignoring_case(one.name, content); });
  return old == kOldNames.end() ? referrer_policy_of_attribute(content) : old->policy;
}

std::optional<ReferrerPolicy> referrer_policy_of_header(std::string_view values) {
  std::optional<ReferrerPolicy> last;
  while (!values.empty()) {
    const std::string_view token = values.substr(0, values.find(','));
    values.remove_prefix(std::min(values.size(), token.size() + 1));
    if (const auto known = referrer_policy_of_attribute(trim_http_whitespace(token))) last = known;
  }
  return last;
}

std::string_view referer_for(std::string_view url, std::string_view page, ReferrerPolicy policy) {
  if (page.empty() || policy == ReferrerPolicy::no_referrer) return {};
  const SplitUrl from = split_url(page);
  const SplitUrl to = split_url(url);
  const bool is_downgrade = from.scheme == UrlScheme::https && to.scheme != UrlScheme::https;
  const Told what = told(policy, {is_same_origin(from, to), is_downgrade});
  if (what == Told::nothing) return {};
  return what == Told::all && page.size() <= kMaxRefererBytes ? page : page.substr(0, from.origin.size() + 1);
}

}  // namespace doutu

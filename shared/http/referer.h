// Referer: what a request says of where its URL was found, as --referer has it and the page wants it. Constant after
// construction; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/url/referrer_policy.h"

namespace doutu {

class Referer {
 public:
  /// setting: HttpOptions::referer.
  explicit Referer(std::string_view setting);

  /// The value of the header of a request to url; empty: none. page: what named the URL, without userinfo; empty:
  /// nobody did. Lives as long as page and this.
  [[nodiscard]] std::string_view of(std::string_view url, std::string_view page, ReferrerPolicy policy) const;

 private:
  std::string named_;                     ///< Of every request; empty: it depends on the page.
  std::optional<ReferrerPolicy> policy_;  ///< Whatever pages say.
};

}  // namespace doutu

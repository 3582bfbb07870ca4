// UrlNormaliser: normalise_url() for many URLs of few sites. One that begins with the origin of the last one, and goes
// on with nothing that is ever changed, is taken as it is. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

class UrlNormaliser {
 public:
  /// As normalise_url() says. Valid until the next call, and as long as text.
  [[nodiscard]] std::optional<std::string_view> normalise(std::string_view text);

 private:
  std::string origin_;  ///< Normalised, with the slash behind it; empty: none yet.
  std::string url_;
};

}  // namespace doutu

// Refresh: where a page leads after a while, as it says in a Refresh header or in <meta http-equiv=refresh>. Page
// fetcher; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace doutu {

struct Refresh {
  std::uint64_t seconds = 0;  ///< The largest number where it is larger.
  std::string_view url;       ///< A reference, of the text; empty: the page itself.
};

/// HTML section 4.2.5.3, "shared declarative refresh steps", up to the resolving of the URL. nullopt: it is none.
[[nodiscard]] std::optional<Refresh> parse_refresh(std::string_view text);

}  // namespace doutu

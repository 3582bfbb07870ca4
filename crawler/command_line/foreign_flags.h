// Foreign flags: what those who know wget, curl, gallery-dl, aria2 or scrapy write, and what doutu has for it. One
// table; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace doutu {

struct ForeignFlag {
  std::string_view names;   ///< As others spell it, with blanks between: "-P --directory-prefix".
  std::string_view answer;  ///< What to do instead: "use --directory DIR".
};

[[nodiscard]] std::span<const ForeignFlag> foreign_flags();

/// As it stands.
[[nodiscard]] bool is_foreign_flag(std::string_view name);

/// The answer for a flag as it was written, without its "=VALUE", but maybe with a value that follows a letter ("-Px");
/// nullopt: nobody is known to have such a flag.
[[nodiscard]] std::optional<std::string_view> answer_to_foreign_flag(std::string_view name);

}  // namespace doutu

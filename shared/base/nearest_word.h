// What somebody who mistyped a word may have meant. A pure function; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace doutu {

/// The word that is fewest slips away: a letter too many, missing, wrong, or two that changed places (the optimal
/// string alignment distance); at most one slip in up to four letters and two in longer words. Failing that, the only
/// one that begins so ("--connect" for "--connect-timeout"). nullopt when nothing is near.
[[nodiscard]] std::optional<std::string> nearest_word(std::string_view mistyped, std::span<const std::string> words);

}  // namespace doutu

// International domain names as DNS and curl know them. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// WHATWG URL section 3.3, "domain to ASCII": lower case; "bücher.example" is "xn--bcher-kva.example" (UTS #46,
/// non-transitional, with the checks of bidirectional text and joiners, without those of length and hyphens). A name
/// that is ASCII already is lower-cased only, whatever its xn-- labels say. nullopt: not UTF-8, or a character that no
/// name may have.
[[nodiscard]] std::optional<std::string> domain_to_ascii(std::string_view utf8);

}  // namespace doutu

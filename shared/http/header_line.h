// Header lines as --header has them, "NAME: VALUE". Apart from RequestHeaders, so that who only checks them needs no
// libcurl. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace doutu {

/// What is wrong with a line, "has no value", without a word of it; nullopt: nothing. Right is a token (RFC 9110
/// section 5.6.2) and a value that is not empty, without control characters, at most 8000 bytes, but for what doutu
/// says itself (Host, Range, Accept-Encoding ...).
[[nodiscard]] std::optional<std::string> problem_of_header_line(std::string_view line);

/// The same with the line, for whoever has just typed it.
[[nodiscard]] Status check_header_line(std::string_view line);

/// Authorization and Cookie.
[[nodiscard]] bool is_credential(std::string_view line);

}  // namespace doutu

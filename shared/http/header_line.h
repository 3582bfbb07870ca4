// Header lines as --header has them, "NAME: VALUE". Apart from RequestHeaders, so that who only checks them needs no
// libcurl. Pure; any thread.
#pragma once

#include <string_view>

#include "shared/base/result.h"

namespace doutu {

/// Checks a line: a token (RFC 9110 section 5.6.2), a value that is not empty, no
/// control characters, at most 8000 bytes. Refuses what doutu says itself (Host, Range, Accept-Encoding ...).
[[nodiscard]] Status check_header_line(std::string_view line);

/// Authorization and Cookie.
[[nodiscard]] bool is_credential(std::string_view line);

}  // namespace doutu

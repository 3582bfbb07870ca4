// Percent-encoding of the bytes of a URL, and back. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

/// The percent-encode sets of WHATWG URL section 1.3 for http and https.
enum class PercentEncodeSet : std::uint8_t { path, query, userinfo };

/// Appends bytes to out, those of the set as %XX. Controls, space, DEL and everything beyond ASCII are in every set; a
/// '%' is in none, so that what is encoded stays as it is.
void append_percent_encoded(std::string& out, std::string_view bytes, PercentEncodeSet set);

/// Every %XX as its byte; a '%' without two hexadecimal digits stays.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace doutu

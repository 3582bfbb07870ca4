// From the bytes of a page to UTF-8, by the rules of browsers: byte order mark, Content-Type, <meta>. libxml2's own
// decoding drops the rest of a page at the first byte that it does not understand. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace doutu {

/// The page as valid UTF-8; what is malformed becomes U+FFFD. content_type is the header's value, empty when there was
/// none. A page that does not say (WHATWG Encoding section 4.2 labels) is UTF-8 if it can be, else windows-1252.
[[nodiscard]] std::string decode_text(std::string bytes, std::string_view content_type);

/// The charset that a Content-Type header's or a <meta>'s value names, as written; empty when it names none.
[[nodiscard]] std::string_view charset_of(std::string_view content_type);

}  // namespace doutu

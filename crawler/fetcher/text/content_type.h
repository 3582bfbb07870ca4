// Content types: what a page's Content-Type header says. Page fetcher; pure.
#pragma once

#include <string>
#include <string_view>

namespace doutu {

/// The one value that the header's values come to (Fetch section 2.2.2, "extract a MIME type"); values: of all lines,
/// with commas between them. The last one that is a MIME type counts, with the charset of those before it that name
/// the same type where it has none itself. None is a MIME type: the last value as it is.
[[nodiscard]] std::string extract_content_type(std::string_view values);

/// "text/html": type and subtype of a value in lower case, without its parameters; empty when it is no MIME type
/// (WHATWG MIME Sniffing section 4.4).
[[nodiscard]] std::string essence_of(std::string_view content_type);

/// The charset of a value, as written (WHATWG MIME Sniffing section 4.4); empty when there is none.
[[nodiscard]] std::string charset_of(std::string_view content_type);

}  // namespace doutu

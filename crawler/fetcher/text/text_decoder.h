// From the bytes of a page to UTF-8, by the decoders of browsers (WHATWG Encoding sections 8 to 14). libxml2's own
// decoding drops the rest of a page at the first byte that it does not understand. Page fetcher, one thread.
#pragma once

#include <string>

#include "shared/base/encoding_label.h"

namespace doutu {

/// The text as valid UTF-8; what is malformed becomes U+FFFD and swallows no ASCII byte after it. A byte order mark is
/// text here. UTF-8 that is valid is handed through, not copied.
[[nodiscard]] std::string decode_text(std::string bytes, Encoding encoding);

}  // namespace doutu

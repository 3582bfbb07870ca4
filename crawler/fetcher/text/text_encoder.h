// From UTF-8 to the encoding of a page, as the queries of its URLs are sent (WHATWG URL section 1.3, Encoding sections
// 8 to 14). Page fetcher, one thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/encoding_label.h"
#include "shared/url/url.h"

namespace doutu {

/// The bytes of text in the encoding; a character that it lacks becomes "%26%23NNNN%3B", which is what a server gets of
/// "&#NNNN;". UTF-16 and replacement are for reading only: they stand for UTF-8. Precondition: text is UTF-8.
[[nodiscard]] std::string encode_text(std::string_view text, Encoding encoding);

/// What resolve_url() wants for a page in this encoding: empty where that is UTF-8.
[[nodiscard]] QueryEncoder query_encoder(Encoding encoding);

}  // namespace doutu

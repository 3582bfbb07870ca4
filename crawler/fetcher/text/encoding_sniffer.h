// Which encoding a page is in: found as browsers find it (HTML section 13.2.3.2). Page fetcher; pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "crawler/fetcher/text/markup.h"
#include "shared/base/encoding_label.h"

namespace doutu {

struct SniffedEncoding {
  Encoding encoding = Encoding::utf_8;
  std::size_t mark_bytes = 0;  ///< Of the byte order mark, which is no text.
};

/// What decides, in this order: a byte order mark; forced, what the user said; the Content-Type header (empty: there
/// was none); of HTML a <meta>, see encoding_of_meta(), of XML its declaration, of JSON its zero bytes. A page that
/// does not say is UTF-8 if it can be, else windows-1252.
[[nodiscard]] SniffedEncoding sniff_encoding(std::string_view bytes, std::optional<Encoding> forced,
                                             std::string_view content_type, Markup markup = Markup::html);

/// What the first <meta> that names an encoding says, or the XML declaration: "prescan a byte stream to determine its
/// encoding" on the first 1,024 bytes. Then on the rest of the head, as long as it is head and within 64 KiB: a browser
/// that meets such a <meta> while it parses starts again with what it says.
[[nodiscard]] std::optional<Encoding> encoding_of_meta(std::string_view bytes);

}  // namespace doutu

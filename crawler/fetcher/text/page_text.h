// PageText: a page as UTF-8, and what it came as: its markup, and the encoding, which the queries of its URLs are
// written in. Page fetcher.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crawler/fetcher/text/markup.h"
#include "shared/base/encoding_label.h"

namespace doutu {

struct PageText {
  std::string utf8;  ///< Valid, without a byte order mark.
  Markup markup = Markup::html;
  Encoding encoding = Encoding::utf_8;
};

/// Decodes a page. forced is what the user said, content_type the header's value, empty when there was none; see
/// sniff_markup() and sniff_encoding().
[[nodiscard]] PageText decode_page(std::string bytes, std::string_view content_type,
                                   std::optional<Encoding> forced = std::nullopt);

}  // namespace doutu

// PageText: a page as UTF-8, and the encoding that it came in, which the queries of its URLs are written in. Page
// fetcher.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/encoding_label.h"

namespace doutu {

struct PageText {
  std::string html;  ///< Valid UTF-8 without a byte order mark.
  Encoding encoding = Encoding::utf_8;
};

/// Decodes a page. forced is what the user said, content_type the header's value, empty when there was none; see
/// sniff_encoding().
[[nodiscard]] PageText decode_page(std::string bytes, std::string_view content_type,
                                   std::optional<Encoding> forced = std::nullopt);

}  // namespace doutu

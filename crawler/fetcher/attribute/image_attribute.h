// Which attributes name images: by what they are called, and by what stands in them. Page fetcher; pure.
#pragma once

#include <string_view>

namespace doutu {

/// Whether an attribute's value looks like an image's URL: by its ending (.jpg), or because the attribute is where
/// images are named (src of an img, data-src, srcset). An image within the page counts from half a kilobyte on: below
/// that are placeholders.
[[nodiscard]] bool looks_like_image(std::string_view element, std::string_view attribute, std::string_view value);

/// ".jpg", in whatever case.
[[nodiscard]] bool ends_like_an_image(std::string_view url);

/// Whether the attribute is one that scripts take images from that they load late: data-original, data-src, lazyload.
[[nodiscard]] bool is_lazy_attribute(std::string_view attribute);

}  // namespace doutu

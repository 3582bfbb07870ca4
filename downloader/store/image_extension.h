// Which file name extensions say that a file is an image, and of which type. Pure; any thread.
#pragma once

#include <string_view>

namespace doutu {

/// The extension that the name ends in, with its dot, when it is that of an image (in any case); else empty.
[[nodiscard]] std::string_view image_extension(std::string_view name);

/// Whether images of this type ("jpeg", as read_signature() says it) are called so: ".JPG", ".jfif" ...
[[nodiscard]] bool extension_fits(std::string_view extension, std::string_view type);

/// What an image of this type is called when nobody says otherwise: ".jpg"; empty for no type.
[[nodiscard]] std::string_view extension_of_type(std::string_view type);

}  // namespace doutu

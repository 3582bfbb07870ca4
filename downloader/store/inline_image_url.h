// How ledger, report and file names call an image that a page carries in itself: by its bytes, as
// "data:sha256/<64 hexadecimal digits>". Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "downloader/store/content.h"

namespace doutu {

[[nodiscard]] std::string inline_image_url(const Sha256& sha256);

/// The digits; empty for any other URL.
[[nodiscard]] std::string_view inline_image_hash(std::string_view url);

}  // namespace doutu

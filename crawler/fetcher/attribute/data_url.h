// data: URLs: images that a page carries in itself. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// Whether a reference on a page is a data: URL, in any case, white space around it or not.
[[nodiscard]] bool is_data_url(std::string_view reference);

/// What it stands for (WHATWG Fetch, "data: URL processor"); nullopt: it has no comma, or its base64 is none. The media
/// type is not looked at: what the bytes are, they say themselves. Precondition: is_data_url().
[[nodiscard]] std::optional<std::string> decode_data_url(std::string_view reference);

/// A short text in its place, for ledger and report: its beginning, and a hash of the whole that tells two apart.
[[nodiscard]] std::string shorten_data_url(std::string_view reference);

}  // namespace doutu

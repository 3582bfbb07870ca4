// File names made of what strangers put into URLs: safe on every file system that people copy folders to. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

/// Longest name in bytes, numbers included: below the 255 of Linux file systems, with room for what others add.
inline constexpr std::size_t kMaxNameBytes = 200;

/// The name for an image: the last segment of the URL's path, percent-decoded when that is UTF-8. Control and
/// bidirectional characters and / \ : * ? " < > | become "_"; no leading dot, no trailing dot or space, no name that
/// DOS reserved, never empty, at most kMaxNameBytes (cut at a character's border, the extension kept). A name without
/// the extension of an image gets that of its type ("jpeg": .jpg); type is what the signature says.
[[nodiscard]] std::string file_name_for(std::string_view url, std::string_view type);

/// The n-th name to try, from 1: "a.jpg", "a-2.jpg", "a-3.jpg" ... Same bound.
[[nodiscard]] std::string numbered_name(std::string_view name, std::uint32_t number);

/// Whether other is one of numbered_name(name, 1), (name, 2) ...
[[nodiscard]] bool is_numbered_name_of(std::string_view name, std::string_view other);

}  // namespace doutu

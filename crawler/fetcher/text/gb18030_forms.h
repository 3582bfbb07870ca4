// The four-byte forms of gb18030, which reach all of Unicode, and the two-byte forms that changed their meaning in
// 2005. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace doutu {

/// The code point of a four-byte pointer (WHATWG Encoding section 5, "index gb18030 ranges code point"); 0: none.
[[nodiscard]] char32_t gb18030_code_point(std::size_t pointer);

/// The reverse. Precondition: code_point has no two-byte form and is above U+007F.
[[nodiscard]] std::size_t gb18030_pointer(char32_t code_point);

/// The two bytes that a private-use code point had before 2005, when what it stood in for was not in Unicode yet.
[[nodiscard]] std::optional<std::uint16_t> gb18030_bytes_before_2005(char32_t code_point);

}  // namespace doutu

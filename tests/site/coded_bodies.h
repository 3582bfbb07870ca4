// Bodies in content codings (RFC 9110 section 8.4.1), made by hand: nothing here compresses, but all of it
// decompresses.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace doutu {

/// A gzip file (RFC 1952) of one stored block. bytes: at most 65,535.
[[nodiscard]] std::string gzip(std::string_view bytes);

/// A brotli stream (RFC 7932) of one uncompressed meta-block. bytes: 1 to 65,536.
[[nodiscard]] std::string brotli(std::string_view bytes);

/// The beginning of a gzip file that unpacks to a thousand times its size, more than `bytes`, all of them "a".
[[nodiscard]] std::string gzip_bomb(std::size_t bytes);

}  // namespace doutu

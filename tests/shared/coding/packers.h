// Bodies in every content coding, compressed by the libraries that servers use. For tests.
#pragma once

#include <string>

namespace doutu {

[[nodiscard]] std::string pack_gzip(const std::string& bytes);
[[nodiscard]] std::string pack_zlib(const std::string& bytes);
[[nodiscard]] std::string pack_bare_deflate(const std::string& bytes);
/// window_bits: 10 to 24.
[[nodiscard]] std::string pack_brotli(const std::string& bytes, int window_bits = 22);
/// window_log: 10 to 27.
[[nodiscard]] std::string pack_zstd(const std::string& bytes, int window_log = 20);

}  // namespace doutu

// BodyDecoder: undoes one content coding (RFC 9110 section 8.4.1) while a body arrives, and knows whether that came to
// its end. curl decodes too, but takes a body that was cut off for a whole one. One thread; each decoder's library
// stays in its own .cpp.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace doutu {

/// Takes decoded bytes; false: it wants no more.
using BodySink = std::function<bool(std::span<const char>)>;

enum class Decoded {
  ok,
  refused,  ///< The sink wants no more.
  damaged,  ///< What came is not in this coding, or asks for more memory than decoders have to give.
};

class BodyDecoder {
 public:
  BodyDecoder() = default;
  BodyDecoder(const BodyDecoder&) = delete;
  BodyDecoder& operator=(const BodyDecoder&) = delete;
  virtual ~BodyDecoder() = default;

  /// Hands to the sink what the next bytes stand for, piece by piece.
  virtual Decoded feed(std::span<const char> bytes, const BodySink& sink) = 0;
  /// No byte came, or the coded data ended. Bytes behind that end are passed by (of zstd they are damage).
  [[nodiscard]] virtual bool is_whole() const = 0;

 protected:
  /// Of decoded bytes that are handed over at once.
  static constexpr std::size_t kPiece = std::size_t{16} << 10U;
};

/// One gzip member or several (RFC 1952). 44 KiB of memory.
std::unique_ptr<BodyDecoder> make_gzip_decoder();
/// zlib's format (RFC 1950), or bare deflate data (RFC 1951), which servers send under the same name. 44 KiB.
std::unique_ptr<BodyDecoder> make_deflate_decoder();
/// RFC 7932. Up to 16 MiB.
std::unique_ptr<BodyDecoder> make_brotli_decoder();
/// One frame or several (RFC 8878) with a window of at most 8 MiB (RFC 9659). Up to 9 MiB.
std::unique_ptr<BodyDecoder> make_zstd_decoder();

}  // namespace doutu

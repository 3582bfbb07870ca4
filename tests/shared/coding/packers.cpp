#include "tests/shared/coding/packers.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <stdexcept>

namespace doutu {
namespace {

void expect(bool holds) {
  if (!holds) throw std::logic_error("a packer refused");
}

std::string deflate_in(int window_bits, const std::string& bytes) {
  z_stream stream{};
  expect(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  expect(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

std::string pack_gzip(const std::string& bytes) { return deflate_in(15 + 16, bytes); }
std::string pack_zlib(const std::string& bytes) { return deflate_in(15, bytes); }
std::string pack_bare_deflate(const std::string& bytes) { return deflate_in(-15, bytes); }

std::string pack_brotli(const std::string& bytes, int window_bits) {
  std::string packed(BrotliEncoderMaxCompressedSize(bytes.size()) + 32, '\0');
  std::size_t size = packed.size();
  expect(BrotliEncoderCompress(9, window_bits, BROTLI_MODE_GENERIC, bytes.size(),
                               reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                               reinterpret_cast<std::uint8_t*>(packed.data())) == BROTLI_TRUE);
  packed.resize(size);
  return packed;
}

/// As a stream, whose header says the window and not the size.
std::string pack_zstd(const std::string& bytes, int window_log) {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string packed(ZSTD_compressBound(bytes.size()) + 32, '\0');
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  expect(ZSTD_isError(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_flush)) == 0);
  expect(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_end) == 0);
  packed.resize(out.pos);
  return packed;
}

}  // namespace doutu

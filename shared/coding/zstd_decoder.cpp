#include <zstd.h>
#include <zstd_errors.h>

#include <array>

#include "shared/base/check.h"
#include "shared/base/throw_if_no_memory.h"
#include "shared/coding/body_decoder.h"

namespace doutu {
namespace {

constexpr int kLargestWindow = 23;  // 8 MiB: RFC 9659

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdDecoder final : public BodyDecoder {
 public:
  ZstdDecoder() {
    DOUTU_CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kLargestWindow)) == 0);
  }

  Decoded feed(std::span<const char> bytes, const BodySink& sink) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool is_full = false;
    while (in.pos < in.size || is_full) {
      std::array<char, kPiece> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by zstd.
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      expected_ = ZSTD_decompressStream(context_.get(), &out, &in);
      throw_if_no_memory(ZSTD_getErrorCode(expected_) != ZSTD_error_memory_allocation);
      if (ZSTD_isError(expected_) != 0) return Decoded::damaged;
      if (out.pos > 0 && !sink(std::span(piece).first(out.pos))) return Decoded::refused;
      is_full = expected_ != 0 && out.pos == out.size;
    }
    return Decoded::ok;
  }

  [[nodiscard]] bool is_whole() const override { return expected_ == 0; }

 private:
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context_{allocated(ZSTD_createDCtx())};
  std::size_t expected_ = 0;  ///< Zero: before the first frame, or behind a whole one.
};

}  // namespace

std::unique_ptr<BodyDecoder> make_zstd_decoder() { return std::make_unique<ZstdDecoder>(); }

}  // namespace doutu

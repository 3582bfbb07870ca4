#include <brotli/decode.h>

#include <array>

#include "shared/base/throw_if_no_memory.h"
#include "shared/coding/body_decoder.h"

namespace doutu {
namespace {

struct DestroyState {
  void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

bool is_memory(BrotliDecoderErrorCode code) {
  return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
}

class BrotliDecoder final : public BodyDecoder {
 public:
  Decoded feed(std::span<const char> bytes, const BodySink& sink) override {
    if (!bytes.empty()) began_ = true;
    std::size_t left = bytes.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
    BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && !ended()) {
      std::array<char, kPiece> out;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by brotli.
      auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
      std::size_t room = out.size();
      result = BrotliDecoderDecompressStream(state_.get(), &left, &next, &room, &next_out, nullptr);
      const std::size_t count = out.size() - room;
      if (count > 0 && !sink(std::span(out).first(count))) return Decoded::refused;
    }
    throw_if_no_memory(result != BROTLI_DECODER_RESULT_ERROR || !is_memory(BrotliDecoderGetErrorCode(state_.get())));
    return result == BROTLI_DECODER_RESULT_ERROR ? Decoded::damaged : Decoded::ok;
  }

  [[nodiscard]] bool is_whole() const override { return !began_ || ended(); }

 private:
  [[nodiscard]] bool ended() const { return BrotliDecoderIsFinished(state_.get()) == BROTLI_TRUE; }

  const std::unique_ptr<BrotliDecoderState, DestroyState> state_{
      allocated(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr))};
  bool began_ = false;
};

}  // namespace

std::unique_ptr<BodyDecoder> make_brotli_decoder() { return std::make_unique<BrotliDecoder>(); }

}  // namespace doutu

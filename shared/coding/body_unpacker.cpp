#include "shared/coding/body_unpacker.h"

#include <algorithm>

#include "shared/base/check.h"

namespace doutu {
namespace {

std::unique_ptr<BodyDecoder> make_decoder(Coding coding) {
  switch (coding) {
    case Coding::gzip:
      return make_gzip_decoder();
    case Coding::deflate:
      return make_deflate_decoder();
    case Coding::brotli:
      return make_brotli_decoder();
    case Coding::zstd:
      return make_zstd_decoder();
  }
  DOUTU_CHECK(false);
}

}  // namespace

BodyUnpacker::BodyUnpacker(std::span<const Coding> codings, std::uint64_t max_bytes)
    : max_bytes_(max_bytes), is_needed_(!codings.empty()) {
  if (codings.size() > kMostCodings) return;
  for (; !codings.empty(); codings = codings.first(codings.size() - 1))
    stages_.push_back({make_decoder(codings.back())});
}

Decoded BodyUnpacker::feed(std::span<const char> bytes, const BodySink& sink) {
  return is_needed_ && stages_.empty() ? Decoded::damaged : feed(0, bytes, sink);
}

Decoded BodyUnpacker::feed(std::size_t at, std::span<const char> bytes, const BodySink& sink) {
  if (at == stages_.size()) return sink(bytes) ? Decoded::ok : Decoded::refused;
  Stage& stage = stages_[at];
  stage.taken += bytes.size();
  if (stage.taken > max_bytes_) return Decoded::refused;
  Decoded inner = Decoded::ok;
  const Decoded outer = stage.decoder->feed(bytes, [&](std::span<const char> piece) {
    inner = feed(at + 1, piece, sink);
    return inner == Decoded::ok;
  });
  return inner == Decoded::ok ? outer : inner;
}

bool BodyUnpacker::is_whole() const {
  return std::ranges::all_of(stages_, [](const Stage& stage) { return stage.decoder->is_whole(); });
}

}  // namespace doutu

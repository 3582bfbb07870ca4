#include <array>
#include <optional>

#include "shared/coding/inflate.h"

namespace doutu {
namespace {

/// Whether these two bytes begin zlib's format (RFC 1950 section 2.2). Bare deflate data would have to begin with a
/// stored block whose padding is not zero, which no compressor writes.
bool is_zlib_header(std::span<const char> head) {
  const auto method = static_cast<unsigned char>(head[0]);
  const auto flags = static_cast<unsigned char>(head[1]);
  return (method & 0x0fU) == 8 && method >> 4U <= 7 && (method * 256U + flags) % 31 == 0;
}

class DeflateDecoder final : public BodyDecoder {
 public:
  Decoded feed(std::span<const char> bytes, const BodySink& sink) override {
    while (held_ < head_.size() && !bytes.empty()) {
      head_[held_++] = bytes.front();
      bytes = bytes.subspan(1);
      if (held_ < head_.size()) continue;
      inflate_.emplace(is_zlib_header(head_) ? Inflate::kZlib : Inflate::kBare);
      if (const Decoded decoded = run(head_, sink); decoded != Decoded::ok) return decoded;
    }
    return run(bytes, sink);
  }

  [[nodiscard]] bool is_whole() const override { return held_ == 0 || ended_; }

 private:
  Decoded run(std::span<const char> bytes, const BodySink& sink) {
    if (bytes.empty() || ended_) return Decoded::ok;
    const Inflate::Step step = inflate_->run(bytes, sink);
    ended_ = step == Inflate::Step::ended;
    if (step == Inflate::Step::refused) return Decoded::refused;
    return step == Inflate::Step::damaged ? Decoded::damaged : Decoded::ok;
  }

  std::array<char, 2> head_{};
  std::size_t held_ = 0;
  std::optional<Inflate> inflate_;  ///< Once the head is there.
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<BodyDecoder> make_deflate_decoder() { return std::make_unique<DeflateDecoder>(); }

}  // namespace doutu

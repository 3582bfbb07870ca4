#include "shared/coding/inflate.h"

namespace doutu {
namespace {

constexpr char kFirstByte = 0x1f;

class GzipDecoder final : public BodyDecoder {
 public:
  Decoded feed(std::span<const char> bytes, const BodySink& sink) override {
    while (!bytes.empty() && state_ != State::after) {
      if (state_ == State::between && bytes.front() != kFirstByte) {
        state_ = State::after;
        break;
      }
      state_ = State::within;
      const Inflate::Step step = inflate_.run(bytes, sink);
      if (step == Inflate::Step::refused) return Decoded::refused;
      if (step == Inflate::Step::damaged) return Decoded::damaged;
      if (step == Inflate::Step::ended) state_ = State::between;
    }
    return Decoded::ok;
  }

  [[nodiscard]] bool is_whole() const override { return state_ != State::within; }

 private:
  enum class State { before, within, between, after };

  Inflate inflate_{Inflate::kGzip};
  State state_ = State::before;
};

}  // namespace

std::unique_ptr<BodyDecoder> make_gzip_decoder() { return std::make_unique<GzipDecoder>(); }

}  // namespace doutu

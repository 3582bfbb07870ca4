// StepFormat: what nearly all image formats are to a reader that decodes nothing: a few bytes to read, many to pass by,
// and again. A format is a class whose member functions are its states: each is handed the bytes that the one before
// asked for, and returns the next Step. Where the pieces of the body end is none of its concern.
#pragma once

#include <array>
#include <limits>

#include "downloader/check/image_format/image_format.h"

namespace doutu {

class StepFormat : public ImageFormat {
 public:
  Progress feed(Bytes bytes) final;
  Progress finish(BodyEnd end) final { return progress_ == Progress::going ? at_end(end) : progress_; }

 protected:
  /// The most that a step may read.
  static constexpr std::size_t kMaxRead = 64;
  static constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();

  /// First `pass` bytes go by, then `read` bytes are handed to next().
  struct Step {
    std::uint64_t pass = 0;
    std::size_t read = 0;
    Progress progress = Progress::going;
  };
  static constexpr Step kComplete{0, 0, Progress::complete};
  static constexpr Step kDamaged{0, 0, Progress::damaged};

  StepFormat(std::string_view type, std::size_t first_read) : ImageFormat(type), step_{.read = first_read} {}

  virtual Step next(Bytes read) = 0;
  /// Sees the bytes that go by, as they come; returns how many. Fewer than given end the pass before the next byte.
  virtual std::size_t passed(Bytes bytes) { return bytes.size(); }
  /// The body ends within a step. Formats without an end mark may be complete there.
  virtual Progress at_end(BodyEnd /*end*/) { return Progress::going; }

  /// Offset in the body: of what next() was not handed yet, or of what passed() was handed.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// No byte has come of the current step.
  [[nodiscard]] bool is_between_steps() const { return !is_passing() && held_ == 0; }
  [[nodiscard]] bool is_passing() const { return step_.pass > 0; }
  /// What has come of a read.
  [[nodiscard]] Bytes held() const { return Bytes(hold_).first(held_); }

 private:
  [[nodiscard]] Bytes pass(Bytes bytes);
  [[nodiscard]] Bytes read(Bytes bytes);
  void take(Bytes bytes);

  Step step_;
  Progress progress_ = Progress::going;
  std::uint64_t position_ = 0;
  std::size_t held_ = 0;  ///< Bytes of a read that two pieces of the body share.
  std::array<std::byte, kMaxRead> hold_{};
};

/// Gives Format, derived from States<Format>, its member functions as states.
template <typename Format>
class States : public StepFormat {
 protected:
  using State = Step (Format::*)(Bytes);

  States(std::string_view type, std::size_t first_read, State first) : StepFormat(type, first_read), state_(first) {}

  /// No byte has come, or not all, of what this state will be handed.
  [[nodiscard]] bool is_before(State state) const { return state_ == state && is_between_steps(); }
  [[nodiscard]] bool is_within(State state) const { return state_ == state && !is_passing(); }

  Step read(std::size_t count, State then) { return pass_and_read(0, count, then); }
  Step pass_and_read(std::uint64_t pass, std::size_t count, State then) {
    state_ = then;
    return {.pass = pass, .read = count};
  }

 private:
  Step next(Bytes read) final { return (static_cast<Format*>(this)->*state_)(read); }

  State state_;
};

// --- Numbers in what was read.

constexpr std::uint64_t big_endian(Bytes bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}
constexpr std::uint64_t little_endian(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8U | std::to_integer<std::uint64_t>(bytes[i - 1]);
  return value;
}
constexpr std::uint32_t u8(Bytes bytes, std::size_t at) { return std::to_integer<std::uint32_t>(bytes[at]); }
constexpr std::uint32_t be16(Bytes bytes, std::size_t at) { return u8(bytes, at) << 8U | u8(bytes, at + 1); }
constexpr std::uint32_t be32(Bytes bytes, std::size_t at) { return be16(bytes, at) << 16U | be16(bytes, at + 2); }
constexpr std::uint32_t le16(Bytes bytes, std::size_t at) { return u8(bytes, at) | u8(bytes, at + 1) << 8U; }
constexpr std::uint32_t le24(Bytes bytes, std::size_t at) { return le16(bytes, at) | u8(bytes, at + 2) << 16U; }
constexpr std::uint32_t le32(Bytes bytes, std::size_t at) { return le16(bytes, at) | le16(bytes, at + 2) << 16U; }
/// Four bytes that name something, as the number that be32() reads: "IHDR", "meta".
constexpr std::uint32_t four_cc(const char (&name)[5]) {  // NOLINT(modernize-avoid-c-arrays): a literal.
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(name[i]);
  return value;
}

}  // namespace doutu

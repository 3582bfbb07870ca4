// BodyUnpacker: undoes all content codings of one body while it arrives. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "shared/coding/body_decoder.h"
#include "shared/coding/content_coding.h"

namespace doutu {

class BodyUnpacker {
 public:
  /// More of them, one in another, are nobody's honest answer.
  static constexpr std::size_t kMostCodings = 4;

  /// Nothing to undo.
  BodyUnpacker() = default;
  /// codings: in the order in which they were applied. No stage takes more than max_bytes, so that a small body cannot
  /// cost time without end between two stages.
  BodyUnpacker(std::span<const Coding> codings, std::uint64_t max_bytes);

  [[nodiscard]] bool is_needed() const { return is_needed_; }
  /// Hands to the sink what the next bytes stand for. refused: by the sink, or beyond max_bytes. damaged: too many
  /// codings, too.
  Decoded feed(std::span<const char> bytes, const BodySink& sink);
  /// No byte came, or every coding came to its end.
  [[nodiscard]] bool is_whole() const;

 private:
  struct Stage {
    std::unique_ptr<BodyDecoder> decoder;
    std::uint64_t taken = 0;
  };

  Decoded feed(std::size_t stage, std::span<const char> bytes, const BodySink& sink);

  std::vector<Stage> stages_;  ///< The coding that was applied last first.
  std::uint64_t max_bytes_ = 0;
  bool is_needed_ = false;  ///< Without a stage: too many codings.
};

}  // namespace doutu

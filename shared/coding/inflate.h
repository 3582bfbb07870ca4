// Inflate: zlib's reader of one deflate stream in one wrapping, for the two decoders that are made of it. One thread.
#pragma once

#include <zlib.h>

#include "shared/coding/body_decoder.h"

namespace doutu {

class Inflate {
 public:
  /// As inflateInit2() takes them.
  static constexpr int kGzip = 15 + 16;
  static constexpr int kZlib = 15;
  static constexpr int kBare = -15;
  explicit Inflate(int window_bits);
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
  ~Inflate();

  enum class Step { more, ended, refused, damaged };
  /// Takes bytes off the front, as long as they belong to the stream. ended: it did, and the next byte begins another.
  Step run(std::span<const char>& bytes, const BodySink& sink);

 private:
  z_stream stream_{};
};

}  // namespace doutu

// GzipReader: unpacks a gzip body (RFC 1952) while it arrives, and knows whether it came to its end. curl unpacks too,
// but takes a body that was cut off in the middle for a whole one. Page fetcher, one thread.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <span>
#include <string>

namespace doutu {

class GzipReader {
 public:
  GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;
  ~GzipReader();

  /// A new body.
  void begin();

  enum class Fed { ok, too_large, damaged };
  /// Appends what the next bytes unpack to. too_large: out would hold more than max bytes.
  Fed feed(std::span<const char> bytes, std::string& out, std::uint64_t max);

  /// No byte came, or the last member ended. Bytes behind the last member that begin no other are passed by.
  [[nodiscard]] bool is_whole() const { return state_ != State::within; }

 private:
  enum class State { before, within, between, after };

  Fed inflate_into(std::string& out, std::uint64_t max);

  z_stream stream_{};
  State state_ = State::before;
};

}  // namespace doutu

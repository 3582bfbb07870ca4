// UnheededLength: ends a body by its announced length where curl does not. "Transfer-Encoding: identity" is no coding,
// but curl takes any Transfer-Encoding for a reason to pass Content-Length by, and waits until the connection ends. One
// per easy handle, one thread.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace doutu {

class UnheededLength {
 public:
  /// A new hop.
  void begin() { *this = {}; }

  /// For the write callback: how many of the next count bytes belong to the body. Once is_reached() holds, the callback
  /// ends the transfer, and what curl says of that is no error.
  [[nodiscard]] std::size_t take(CURL* easy, std::size_t count);
  [[nodiscard]] bool is_known() const { return length_.has_value(); }
  [[nodiscard]] bool is_reached() const { return length_ && taken_ == *length_; }
  /// What a transfer that ended with this code came to. CURLE_PARTIAL_FILE: before that length.
  [[nodiscard]] CURLcode verdict(CURLcode code) const;

 private:
  bool began_ = false;
  std::optional<std::uint64_t> length_;
  std::uint64_t taken_ = 0;
};

}  // namespace doutu

// Turns: what is asked for next of a server that throttles: what it refused before, or what it did not. It may refuse
// some for ever, or each once. The two take turns in an order without a period (Thue and Morse): a limit of rates has
// one. A value; its owner guards it.
#pragma once

#include <bit>
#include <cstdint>

namespace doutu {

class Turns {
 public:
  /// The server refused one, and it was not about that one alone.
  void throttled() { is_of_refused_ = std::popcount(++times_) % 2 == 0; }
  [[nodiscard]] bool is_of_refused() const { return is_of_refused_; }

 private:
  bool is_of_refused_ = false;
  std::uint32_t times_ = 0;
};

}  // namespace doutu

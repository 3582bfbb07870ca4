// RangeEnd: where a range ends of which nobody has said so ("1-"). The end is the lowest page that is not there (404,
// 410), or the one behind a page whose images were all met before, or the first of three empty pages in a row that kept
// their URL. A policy: pure. The parent's thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include "shared/base/cause.h"

namespace doutu {

/// How a page of the range came out.
struct RangePage {
  std::uint64_t number = 0;
  Cause cause = Cause::none;
  int http_status = 0;
  std::uint32_t images = 0;
  std::uint32_t fresh = 0;  ///< Of these, those that were not met before.
  bool is_redirected = false;
};

class RangeEnd {
 public:
  /// In the order of the range, each once.
  void given_out(std::uint64_t number) { places_.emplace(number, places_given_++); }
  /// The first page that does not exist, if this one, which was given out, tells it.
  [[nodiscard]] std::optional<std::uint64_t> after(const RangePage& page);

 private:
  [[nodiscard]] std::optional<std::uint64_t> end_of_row(std::uint64_t place, std::uint64_t number);

  static constexpr std::uint64_t kEmptyInARow = 3;

  std::unordered_map<std::uint64_t, std::uint64_t> places_;  ///< In the order, of those that have not come out.
  std::uint64_t places_given_ = 0;
  std::map<std::uint64_t, std::uint64_t> empty_;  ///< Numbers of empty pages, by their place.
};

}  // namespace doutu

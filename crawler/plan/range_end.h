// RangeEnd: where a range ends of which nobody has said so ("1-"). The end is the lowest page that is not there (404,
// 410), or the one behind a page whose images this crawl has all met before, or the first of three empty pages in a row
// that kept their URL. Behind twenty failed pages in a row nothing is asked for: they stay failures. A policy: pure.
// The parent's thread.
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
  std::uint32_t fresh = 0;  ///< Of these, those that the crawl had not met.
  bool is_redirected = false;
};

class RangeEnd {
 public:
  enum class Why { not_there, nothing_new, empty, failed };
  struct End {
    std::uint64_t number = 0;  ///< The first page that does not exist, or is not asked for.
    Why why = Why::not_there;
    bool operator==(const End&) const = default;
  };

  /// In the order of the range, each once.
  void given_out(std::uint64_t number) { places_.emplace(number, places_given_++); }
  /// The end, if this page, which was given out, tells it.
  [[nodiscard]] std::optional<End> after(const RangePage& page);
  /// The same of a page that has failed for good.
  [[nodiscard]] std::optional<End> after_failure(std::uint64_t number);

 private:
  static constexpr std::uint64_t kEmptyInARow = 3;
  static constexpr std::uint64_t kFailedInARow = 20;

  using Pages = std::map<std::uint64_t, std::uint64_t>;  ///< Numbers by their place.
  struct Row {
    std::uint64_t first = 0;  ///< Numbers.
    std::uint64_t last = 0;
    std::uint64_t count = 0;
  };
  /// Adds the page; those in a row that it is of.
  [[nodiscard]] static Row row_of(Pages& pages, std::uint64_t place, std::uint64_t number);

  std::unordered_map<std::uint64_t, std::uint64_t> places_;  ///< In the order, of those that have not come out.
  std::uint64_t places_given_ = 0;
  Pages empty_;
  Pages failed_;
};

}  // namespace doutu

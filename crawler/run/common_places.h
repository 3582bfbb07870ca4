// CommonPlaces: the URLs at which many redirected pages ended: a login page with a picture, an age gate, the last page
// of a gallery. The images there are not those that were asked for. A value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "shared/ledger/ledger_reader.h"

namespace doutu {

class CommonPlaces {
 public:
  /// asked: pages of the crawl.
  explicit CommonPlaces(std::uint64_t asked) : asked_(asked) {}

  /// A page that was redirected.
  void add(const OddPage& page);
  /// Whether it ended where at least kMany did, or all that were asked for, if these are several. After all are added.
  [[nodiscard]] bool contains(const OddPage& page) const;

  static constexpr std::uint64_t kMany = 3;
  /// Places in memory: beyond that those where one page ended are forgotten.
  static constexpr std::size_t kMost = 4096;

 private:
  const std::uint64_t asked_;
  std::unordered_map<std::string, std::uint64_t> pages_;  ///< By place.
};

}  // namespace doutu

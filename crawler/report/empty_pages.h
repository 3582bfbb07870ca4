// Empty pages: pages that came and had no image, or that a redirect led to where many ended (common_places.h). In a
// range that the user names each of them is odd: a site that sends to its login page, or that has changed, looks like
// that. Pure values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "shared/ledger/ledger_reader.h"

namespace doutu {

/// Which pages were empty, as report.json has it.
struct EmptyPageList {
  std::string numbers{};          ///< "4-10,15": the first spans; pages that links lead to have no such numbers.
  std::uint64_t further = 0;      ///< So many pages more than numbers has.
  std::string redirected_to{};    ///< The one URL that all were redirected to; empty: there is none.
  std::uint64_t found = 0;        ///< Of the pages that are not in numbers, those that links lead to,
  std::string example{};          ///< and the URL of the first of these.
  std::uint64_t count = 0;        ///< Of all these pages: none was empty, or they are fine,
  std::uint64_t with_images = 0;  ///< and of those that had images, though not their own.
  [[nodiscard]] bool is_none() const { return count == 0 && numbers.empty(); }
  bool operator==(const EmptyPageList&) const = default;
};

/// Makes the list while the pages come, in the order of their numbers; its memory does not grow with them.
class EmptyPageCollector {
 public:
  void add(const OddPage& page);
  [[nodiscard]] EmptyPageList list() const;

 private:
  static constexpr std::size_t kMaxSpans = 8;

  void add_number(std::uint64_t number);
  void add_place(const OddPage& page);

  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans_;
  std::uint64_t further_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t with_images_ = 0;
  bool is_first_ = true;
  std::uint64_t found_ = 0;
  std::string example_;
  std::string place_;  ///< Where all were redirected to so far.
};

}  // namespace doutu

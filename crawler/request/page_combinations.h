// PageCombinations: the pages of a URL with several placeholders: each value of one with each value of the others. The
// placeholder that stands first in the URL varies slowest. Computed, never a list. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crawler/request/asked_pages.h"
#include "crawler/request/url_template.h"

namespace doutu {

class PageCombinations {
 public:
  /// Precondition: check_template().
  PageCombinations(AskedPages pages, UrlTemplate url_template);
  PageCombinations(const PageCombinations&) = delete;
  PageCombinations& operator=(const PageCombinations&) = delete;

  [[nodiscard]] std::uint64_t count() const { return pages_.count(); }
  /// To the next page, or to the first one; false: there is none.
  bool advance();
  /// Of the page that advance() has reached: 1 for the first one.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] std::string url() const;

 private:
  struct Place {
    const PlaceholderValues* values;
    PageRange::Cursor cursor;
    std::uint64_t number = 0;  ///< Of the value that it has now.
  };
  void begin(Place& place);

  const AskedPages pages_;
  const UrlTemplate url_template_;
  std::vector<Place> places_;  ///< In the order of the URL.
  std::uint64_t id_ = 0;
};

}  // namespace doutu

// AskedPages: which pages a crawl is asked for: the values of each placeholder of its URL ("1-10", or
// "letter=a-f;page=1-10"), or the lines of a list of URLs. Its text is what the ledger keeps. A value; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crawler/request/page_range.h"
#include "crawler/request/placeholder_values.h"
#include "shared/base/result.h"

namespace doutu {

/// The placeholder that --pages means where it names none.
inline constexpr std::string_view kPagePlaceholder = "page";
inline constexpr std::string_view kDefaultPages = "1-10";

/// What a placeholder may be called: [a-z][a-z0-9_]*.
[[nodiscard]] bool is_placeholder_name(std::string_view text);

/// Which list of URLs: equal lists are the same list, whatever the file is called.
struct AskedList {
  std::uint64_t urls = 0;  ///< Lines that are not blank and no comments.
  std::string hash;        ///< XXH3-128 of its lines, as 32 digits.
  bool operator==(const AskedList&) const = default;
};

class AskedPages {
 public:
  struct Named {
    std::string name;
    PlaceholderValues values;
    bool operator==(const Named&) const = default;
  };

  AskedPages() = default;
  explicit AskedPages(PageRange pages) {
    named_.push_back({std::string(kPagePlaceholder), PlaceholderValues(std::move(pages))});
  }
  explicit AskedPages(AskedList list) : list_(std::move(list)) {}

  /// Of text().
  static Result<AskedPages> parse(std::string_view text);
  /// A value of --pages: "1-10", "letter=a-f". It takes the place of earlier values of the same placeholder.
  Status add(std::string_view flag);

  /// Canonical: parse() of it gives equal pages. "1-10" where {page} is the only placeholder.
  [[nodiscard]] std::string text() const;
  /// By name.
  [[nodiscard]] const std::vector<Named>& named() const { return named_; }
  /// nullptr: none was given.
  [[nodiscard]] const PlaceholderValues* values_of(std::string_view name) const;
  /// The numbers of {page}, where it is the only placeholder; else nullptr. The id of such a page is its number; the
  /// others count from 1.
  [[nodiscard]] const PageRange* range() const;
  [[nodiscard]] const AskedList* list() const { return list_ ? &*list_ : nullptr; }
  /// Whether nobody has said where it ends.
  [[nodiscard]] bool is_open() const { return range() != nullptr && range()->is_open(); }
  /// All combinations, or URLs of the list; 0: it is open.
  [[nodiscard]] std::uint64_t count() const;
  bool operator==(const AskedPages&) const = default;

 private:
  [[nodiscard]] Status check() const;

  std::vector<Named> named_;
  std::optional<AskedList> list_;
};

}  // namespace doutu

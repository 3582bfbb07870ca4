// PlaceholderValues: what one placeholder of a URL stands for, one value after the other: numbers, letters, dates or
// words. Each value has a number (its own, a letter's code, a day's, the place of a word), so that all of them are a
// PageRange. Constant after construction; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/request/page_range.h"
#include "shared/base/result.h"

namespace doutu {

/// How a mark of the URL writes a value: "{page:03}", "{day:%Y/%m/%d}".
struct PlaceholderFormat {
  int digits = 0;      ///< At least so many; 0: as the value is.
  std::string date{};  ///< Empty: the usual one.

  /// Of what stands behind the colon of a mark; the error is what the mark has wrong: "has no ...".
  static Result<PlaceholderFormat> parse(std::string_view text);
  bool operator==(const PlaceholderFormat&) const = default;
};

class PlaceholderValues {
 public:
  enum class Kind { numbers, letters, dates, words };

  /// Parts with commas between, all of one kind: "1-10,15,20-40:2", "a-f,x", "2026-01-01..2026-01-31:7", "cats,dogs".
  /// Each value counts once. Errors quote the part that is wrong, and say what to write instead.
  static Result<PlaceholderValues> parse(std::string_view text);
  /// Numbers.
  explicit PlaceholderValues(PageRange numbers) : numbers_(std::move(numbers)) {}

  [[nodiscard]] Kind kind() const { return kind_; }
  /// The numbers of the values, in their order.
  [[nodiscard]] const PageRange& numbers() const { return numbers_; }
  /// The value of such a number.
  [[nodiscard]] std::string value(std::uint64_t number, const PlaceholderFormat& format) const;
  /// The canonical text: parse() of it gives equal values.
  [[nodiscard]] std::string text() const;
  bool operator==(const PlaceholderValues&) const = default;

 private:
  PlaceholderValues(Kind kind, PageRange numbers, std::vector<std::string> words = {})
      : kind_(kind), numbers_(std::move(numbers)), words_(std::move(words)) {}
  static Result<PlaceholderValues> parse_words(const std::vector<std::string_view>& parts);

  Kind kind_ = Kind::numbers;
  PageRange numbers_;
  std::vector<std::string> words_;  ///< Of words alone.
};

/// "numbers", "letters", ...
[[nodiscard]] std::string_view kind_name(PlaceholderValues::Kind kind);

}  // namespace doutu

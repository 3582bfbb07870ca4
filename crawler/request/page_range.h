// PageRange: the page numbers a crawl is asked for, as "1-10,15,20-40:2": numbers and spans FIRST-LAST[:STEP], in the
// order given, each number once. The last span may be open, as "1-" or "5-:2": nobody has said where it ends. Ten
// million pages are a few spans, never a list. Constant after construction; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace doutu {

class PageRange {
 public:
  static constexpr std::uint64_t kMaxNumber = 999'999'999;  ///< Pages are numbered 0 to this.
  static constexpr std::uint64_t kMaxPages = 10'000'000;    ///< Named in one range, repeats included; not of "1-".
  static constexpr std::size_t kMaxParts = 1'000;  ///< Between commas; keeps the text within a control message.

  /// Errors are one line that quotes the part that is wrong and says what to write instead.
  static Result<PageRange> parse(std::string_view text);

  /// Different pages in the range, at least one; of an open one nobody knows: 0.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Whether its last span is open.
  [[nodiscard]] bool is_open() const { return !spans_.empty() && spans_.back().is_open; }
  /// Different pages below this number. In as many steps.
  [[nodiscard]] std::uint64_t count_below(std::uint64_t number) const;
  [[nodiscard]] bool contains(std::uint64_t number) const;
  /// The canonical text: parse() of it gives an equal range. "1-5,6-10,7", "1-8,3-10" and
  /// "1-10" are all "1-10".
  [[nodiscard]] std::string text() const;
  bool operator==(const PageRange&) const = default;

  /// first, first + step, ..., last.
  struct Span {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t step = 1;
    bool is_open = false;   ///< `last` is the largest number that there is.
    bool overlaps = false;  ///< Its interval meets that of a span before it, so some of its numbers may be repeats.

    [[nodiscard]] std::uint64_t size() const { return (last - first) / step + 1; }
    [[nodiscard]] bool contains(std::uint64_t number) const;
    [[nodiscard]] std::string text() const;
    bool operator==(const Span&) const = default;
  };

  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }

  /// Walks over the range, each number once; lives no longer than the range does and must not outlast a move of it.
  class Cursor {
   public:
    explicit Cursor(const PageRange& range) : range_(&range) {}
    /// The next number; nullopt at the end.
    std::optional<std::uint64_t> next();
    /// That of the number which next() returned.
    [[nodiscard]] const Span& span() const { return range_->spans_[span_]; }

   private:
    const PageRange* range_;
    std::size_t span_ = 0;
    std::uint64_t index_ = 0;  ///< Of the next number within the span.
  };
  [[nodiscard]] Cursor numbers() const { return Cursor(*this); }

 private:
  static Result<Span> parse_part(std::string_view part);
  /// False: the span before it is open, and does not have all of it.
  bool add(Span span);
  /// Takes off both ends what the spans so far have; false: they have all of it.
  bool take_off_repeats(Span& span) const;
  /// Whether one of the first `spans` spans has the number.
  [[nodiscard]] bool among_first(std::size_t spans, std::uint64_t number) const;
  [[nodiscard]] std::uint64_t count_distinct() const;

  std::vector<Span> spans_;
  std::uint64_t count_ = 0;
};

}  // namespace doutu

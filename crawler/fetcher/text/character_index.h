// CharacterIndex: a legacy character set as the table that WHATWG Encoding section 5 calls an index: from pointers to
// code points and back. Filled from glibc's iconv when it is first asked for (about 3 ms for the large ones), with
// corrections where browsers differ: so no table of 80,000 rows stands here. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "shared/base/encoding_label.h"

namespace doutu {

class CharacterIndex {
 public:
  static const CharacterIndex& big5();     ///< Pointers as in kBig5Grid; without the four that mean two code points.
  static const CharacterIndex& gb18030();  ///< The two-byte forms, as in kGb18030Grid.
  static const CharacterIndex& euc_kr();   ///< As in kEucKrGrid.
  static const CharacterIndex& jis0208();  ///< As in kShiftJisGrid; kEucJpGrid numbers the same table.
  static const CharacterIndex& jis0212();  ///< As in kEucJpGrid.
  /// Of an encoding with one byte per character: pointer 0 is byte 0x80. Precondition: is_single_byte(encoding).
  static const CharacterIndex& single_byte(Encoding encoding);

  /// 0 where there is none.
  [[nodiscard]] char32_t code_point(std::size_t pointer) const {
    return pointer < code_points_.size() ? code_points_[pointer] : 0;
  }
  /// The first pointer of a code point; nullopt when the set lacks it.
  [[nodiscard]] std::optional<std::size_t> pointer(char32_t code_point) const;
  using Place = std::pair<char32_t, std::size_t>;
  /// Where a code point stands, in the order of the pointers.
  [[nodiscard]] std::span<const Place> places(char32_t code_point) const;

 private:
  explicit CharacterIndex(std::vector<char32_t> code_points);

  std::vector<char32_t> code_points_;
  std::vector<Place> inverse_;  ///< Sorted.
};

/// Whether it is one of the 28 with a table of 128 characters behind ASCII.
[[nodiscard]] bool is_single_byte(Encoding encoding);

}  // namespace doutu

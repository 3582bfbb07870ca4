// ScreenModel: what a person sees. A terminal of so many columns and rows that understands what doutu sends to one:
// text (also of two columns), CR, LF, BS, and of ECMA-48 CUU, CUD, EL 0, ED 0 and SGR; anything else is an error of the
// test. A resize wraps lines anew as tmux and VTE do, with the cursor staying where its text is. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace doutu {

class ScreenModel {
 public:
  ScreenModel(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows), lines_(1) {}

  void feed(std::string_view bytes);
  void resize(std::size_t columns, std::size_t rows);

  /// The rows that are visible, from the top, without trailing blanks; with an empty one for each that is not used.
  [[nodiscard]] std::vector<std::string> rows() const;
  /// Everything, also what has scrolled away; a newline after each line.
  [[nodiscard]] std::string history() const;
  /// Row of the cursor, 0 at the top; column 0 at the left.
  [[nodiscard]] std::size_t cursor_row() const { return row_ - top(); }
  [[nodiscard]] std::size_t cursor_column() const { return column_; }
  [[nodiscard]] bool saw_colors() const { return colors_; }
  [[nodiscard]] bool saw_escapes() const { return escapes_; }
  /// Sequences that it does not know.
  [[nodiscard]] const std::string& unknown() const { return unknown_; }

 private:
  /// A cell is the bytes of a character, or empty behind one of two columns.
  using Cells = std::vector<std::string>;
  struct Row {
    Cells cells;
    bool wrapped = false;  ///< The next one goes on with it.
  };

  [[nodiscard]] std::size_t top() const { return lines_.size() > rows_ ? lines_.size() - rows_ : 0; }
  std::string_view escape(std::string_view bytes);
  void put(std::string_view character, std::size_t width);
  void line_feed();
  static std::string text_of(const Row& row);

  std::size_t columns_;
  std::size_t rows_;
  std::vector<Row> lines_;
  std::size_t row_ = 0;  ///< In lines_.
  std::size_t column_ = 0;
  bool colors_ = false;
  bool escapes_ = false;
  std::string unknown_;
};

}  // namespace doutu

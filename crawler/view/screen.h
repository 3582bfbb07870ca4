// Screen: a block of lines at the end of a terminal's text that is redrawn in place, while other text scrolls above it.
// Lines in, bytes for one write(2) out; knows no terminal, so that a test can play one.
//
// Between frames the cursor rests on an empty line above the block, not below it: when a terminal of another width
// wraps the lines anew, it keeps the cursor where its text is, so the block is found again whatever was wrapped.
// Nothing of the terminal is switched (no hidden cursor, no modes): one that loses this process needs no repair.
// Sequences used: CR, LF, and of ECMA-48 CUU, CUD, EL 0 and ED 0.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace doutu {

class Screen {
 public:
  /// all: also what has not changed, for a terminal that may have been written to by others or resized.
  enum class Repaint { changed, all };
  /// Puts these lines in place of those before; none is wider than the terminal. Empty when nothing is to be done.
  [[nodiscard]] std::string redraw(std::vector<std::string> lines, Repaint repaint);
  /// Takes the block off; the cursor is where it began, and text may go there before the block is drawn again.
  [[nodiscard]] std::string clear();
  [[nodiscard]] bool is_drawn() const { return !lines_.empty(); }

 private:
  [[nodiscard]] std::string whole() const;

  std::vector<std::string> lines_;
};

}  // namespace doutu

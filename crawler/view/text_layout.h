// TextLayout: rows of a label and what it says, for a file or for a terminal. Values in, text out; every line ends with
// a newline. Any thread.
//
//   found     5,102 images: 5,000 saved (20.9 MiB), 2 duplicate files, 84
//             duplicate links
//   failed    12 x http-503 (the server answered 503), for example
//             https://example.com/2019/a.jpg
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "crawler/view/columns.h"

namespace doutu {

class TextLayout {
 public:
  static constexpr std::size_t kColumns = 80;

  /// A file or a pipe: addresses are whole, so that one can copy them.
  TextLayout() = default;
  /// A terminal: addresses are cut in the middle to its width. No line takes its last column, which would wrap on some.
  TextLayout(std::size_t terminal_columns, Charset charset);

  /// Words (ASCII), on as many lines of at most 80 columns as they take.
  [[nodiscard]] std::string words(std::string_view label, std::string_view text) const;
  /// The same below a heading at the margin: "Next: ...".
  [[nodiscard]] std::string paragraph(std::string_view heading, std::string_view text) const;
  /// A URL or an XPath, on one line.
  [[nodiscard]] std::string address(std::string_view label, std::string_view text) const;
  /// A path in the file system, on one line and never cut.
  [[nodiscard]] static std::string path(std::string_view label, std::string_view text);

 private:
  std::size_t word_columns_ = kColumns;
  std::size_t address_columns_ = std::string_view::npos;
  Charset charset_ = Charset::utf8;
};

}  // namespace doutu

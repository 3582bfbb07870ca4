// XmlValues: shortens an XML document for a parser that holds each tag until it ends: of an attribute's value, as an
// inline image in an SVG is one, the first 64 KiB are kept, whole characters and references, and any '<' behind, since
// none may stand there. All else is kept, and so are the values of a document in UTF-16. Keeps no bytes. Pure; one
// thread.
#pragma once

#include <cstddef>
#include <vector>

#include "downloader/check/image_format/image_format.h"

namespace doutu {

class XmlValues {
 public:
  /// Adds to kept what the parser needs of the document's next bytes. Pieces of any size, with the same result.
  void shorten(Bytes bytes, std::vector<std::byte>& kept);

 private:
  enum class In { text, opening, tag, value, markup, declaration, literal, dash, comment, section, instruction, utf16 };

  [[nodiscard]] bool keeps(char c);
  [[nodiscard]] bool keeps_of_value(char c);
  [[nodiscard]] In after(char c);
  [[nodiscard]] In quote(char c, In inside);

  In in_ = In::text;
  char last_ = '\0';  ///< The byte before, and the one before that, since in_ began.
  char last_but_one_ = '\0';
  char quote_ = '\0';     ///< Ends the value or literal.
  std::size_t size_ = 0;  ///< Of the value, so far.
  bool in_reference_ = false;
  bool is_long_ = false;  ///< What follows of the value is not needed.
};

}  // namespace doutu

// XPath functions: what expressions may call beside XPath's own, in one table. A function makes of each node of its
// argument, or of a text, a small document of its own, which no other expression sees. Page fetcher, one thread.
#pragma once

#include <libxml/tree.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/text/regex.h"

namespace doutu {

struct TreeMemory;

struct XpathFunction {
  /// What one document is made of.
  struct Input {
    std::string_view text;  ///< The node's string value, or the text itself.
    const xmlNode* node;    ///< Null: a text.
    const Regex* regex;     ///< Of the second argument; null: none.
    TreeMemory& memory;     ///< Of all documents that an expression makes.
  };
  /// What the function yields: the document, or the texts in it.
  enum class Yields { document, texts };

  std::string_view name;
  std::size_t arguments;  ///< 2: the second is a regular expression, which stands in the expression in quotes.
  Yields yields;
  /// Null when the memory is spent. A document may lack what comes behind a fault: its cause.
  std::unique_ptr<HtmlDocument::Tree> (*make)(const Input&);
};

[[nodiscard]] std::span<const XpathFunction> xpath_functions();
/// Null: there is none.
[[nodiscard]] const XpathFunction* find_xpath_function(std::string_view name);

}  // namespace doutu

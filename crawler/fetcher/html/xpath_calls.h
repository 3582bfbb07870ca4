// What an expression calls, and whether it can: libxml2 says so only when an evaluation gets there. Page fetcher, one
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crawler/fetcher/html/libxml.h"

namespace doutu {

struct XpathProblem {
  std::size_t position = 0;  ///< Bytes into the expression.
  std::string what;
};

/// Notes in compiled the prefixes, functions and regular expressions that the expression has, up to the first call
/// that cannot be: of a function that is neither XPath's nor ours, of one of ours without its arguments, and with a
/// regular expression that is none. Precondition: expression compiles.
[[nodiscard]] std::optional<XpathProblem> note_calls(std::string_view expression, Xpath::Compiled& compiled);

}  // namespace doutu

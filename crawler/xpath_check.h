// Asks the page fetcher's program whether an XPath compiles: the parent links no libxml2. The parent's thread, before
// the crawl starts.
#pragma once

#include <optional>
#include <string>

#include "shared/base/result.h"

namespace doutu {

/// Path of the program `name` beside the running one.
[[nodiscard]] Result<std::string> sibling_program(const std::string& name);

/// One line that says what is wrong with the expression and where; nullopt when it compiles. Runs
/// `doutu-fetcher --check-xpath EXPRESSION` for at most 10 s. Error: it could not be asked.
[[nodiscard]] Result<std::optional<std::string>> xpath_problem(const std::string& expression);

/// The same, asking the given program.
[[nodiscard]] Result<std::optional<std::string>> xpath_problem(const std::string& program,
                                                               const std::string& expression);

}  // namespace doutu

// Asks the page fetcher's program whether an XPath compiles: the parent links no libxml2. The parent's thread, before
// the crawl starts.
#pragma once

#include <optional>
#include <string>

#include "shared/base/result.h"

namespace doutu {

/// One line that says what is wrong with the expression and where; nullopt when it compiles. Runs
/// `doutu-fetcher --check-xpath EXPRESSION` for at most 10 s. Error: it could not be asked.
[[nodiscard]] Result<std::optional<std::string>> xpath_problem(const std::string& expression);

/// The same, asking the program at this path. It answers with exit status 0, or with 2 and a line on stdout.
[[nodiscard]] Result<std::optional<std::string>> xpath_problem(const std::string& expression,
                                                               const std::string& program);

}  // namespace doutu

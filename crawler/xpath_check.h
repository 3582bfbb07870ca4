// Asks a page fetcher whether XPaths compile: the parent links no libxml2. The parent's thread, before the crawl
// starts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crawler/started_child.h"
#include "shared/base/clock.h"
#include "shared/base/result.h"

namespace doutu {

/// One line that says what is wrong with an expression and where; nullopt when all of them compile. The fetcher is not
/// configured yet, and answers about each within `patience`. Error: it did not (ETIMEDOUT), or has ended.
[[nodiscard]] Result<std::optional<std::string>> xpath_problem(StartedChild& fetcher,
                                                               const std::vector<std::string>& expressions,
                                                               seconds patience = seconds(10));

}  // namespace doutu

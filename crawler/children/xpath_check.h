// Asks a page fetcher whether XPaths compile, since the parent links no libxml2. The parent's thread, before the crawl
// starts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crawler/children/started_child.h"
#include "shared/base/clock.h"
#include "shared/base/result.h"

namespace doutu {

/// One line that says what is wrong with an expression and where; nullopt when all of them compile. The fetcher is not
/// configured yet. On a machine that is busy it may take long to start: one that is alive is waited for up to
/// `patience`, and after `silent` of it the user is told. Error: it gave no answer (ETIMEDOUT), or has ended.
[[nodiscard]] Result<std::optional<std::string>> xpath_problem(StartedChild& fetcher,
                                                               const std::vector<std::string>& expressions,
                                                               seconds patience = seconds(120),
                                                               seconds silent = seconds(10));

}  // namespace doutu

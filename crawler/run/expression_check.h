// Whether the XPath expressions of a recipe compile, before a folder is made for them. The parent's thread.
#pragma once

#include <optional>
#include <vector>

#include "crawler/children/child_launcher.h"
#include "crawler/memory/start_problem.h"
#include "crawler/request/recipe.h"
#include "shared/crawl/before_request.h"

namespace doutu {

/// The first one that does not, by its flag; or that no fetcher could tell.
[[nodiscard]] std::optional<StartProblem> problem_with_expressions(const Recipe& recipe, ChildLauncher& children);

/// The same of requests before the first page.
[[nodiscard]] std::optional<StartProblem> problem_with_expressions(const std::vector<BeforeRequest>& before,
                                                                   ChildLauncher& children);

}  // namespace doutu

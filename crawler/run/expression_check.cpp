#include "crawler/run/expression_check.h"

#include <fmt/format.h>

#include <utility>

#include "crawler/command_line/command_line.h"

namespace doutu {

std::optional<StartProblem> problem_with_expressions(const Recipe& recipe, ChildLauncher& children) {
  for (const auto& [flag, expressions] : {std::pair{"--xpath", &Recipe::xpaths},
                                          {"--follow", &Recipe::follow},
                                          {"--next", &Recipe::next},
                                          {"--alternative", &Recipe::alternatives}}) {
    if ((recipe.*expressions).empty()) continue;
    const auto problem = children.xpath_problem(recipe.*expressions);
    if (!problem) return StartProblem{1, problem.error().message};
    if (*problem) return StartProblem{kExitWrongUse, fmt::format("{}: {}", flag, **problem)};
  }
  return std::nullopt;
}

}  // namespace doutu

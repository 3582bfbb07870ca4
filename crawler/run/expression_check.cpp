#include "crawler/run/expression_check.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

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
  std::vector<std::string> rewrites;
  for (const std::string& rule : recipe.rewrites) rewrites.push_back("--rewrite " + rule);
  const auto problem = children.xpath_problem(rewrites);
  if (!problem) return StartProblem{1, problem.error().message};
  return *problem ? std::optional(StartProblem{kExitWrongUse, **problem}) : std::nullopt;
}

std::optional<StartProblem> problem_with_expressions(const std::vector<BeforeRequest>& before,
                                                     ChildLauncher& children) {
  std::vector<std::string> expressions;
  for (const BeforeRequest& request : before) {
    if (!request.form.empty()) expressions.push_back(request.form);
    if (!request.expect.empty()) expressions.push_back(request.expect);
  }
  const auto problem = children.xpath_problem(expressions);
  if (!problem) return StartProblem{1, problem.error().message};
  return *problem ? std::optional(StartProblem{kExitWrongUse, "--before: " + **problem}) : std::nullopt;
}

}  // namespace doutu

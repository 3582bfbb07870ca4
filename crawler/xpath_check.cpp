#include "crawler/xpath_check.h"

#include "crawler/child_answer.h"
#include "shared/base/escape.h"
#include "shared/process/child_process.h"

namespace doutu {
namespace {

constexpr int kAttempts = 3;

}  // namespace

Result<std::optional<std::string>> xpath_problem(const std::string& expression) {
  return xpath_problem(expression, companion_program("doutu-fetcher"));
}

Result<std::optional<std::string>> xpath_problem(const std::string& expression, const std::string& program) {
  for (int attempt = 1;; ++attempt) {
    auto answer = ask_child({.program = program, .arguments = {"--check-xpath", expression}});
    if (!answer) return std::move(answer).error().within("cannot check the XPath");
    const bool is_answer = answer->exit.signal == 0 && (answer->exit.status == 0 || answer->exit.status == 2);
    if (!is_answer && attempt < kAttempts) continue;  // somebody's kill, or want of memory, says nothing about it
    if (!is_answer) {
      return Error{"cannot check the XPath: " + program + ": " + answer->exit.in_words()};
    }
    if (answer->exit.status == 0) return std::optional<std::string>{};
    return std::optional<std::string>(escape_for_terminal(answer->text.substr(0, answer->text.find('\n'))));
  }
}

}  // namespace doutu

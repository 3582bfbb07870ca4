#include "crawler/fetcher/html/xpath.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "crawler/fetcher/html/html_tree.h"
#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/xpath_calls.h"
#include "crawler/fetcher/html/xpath_evaluation.h"
#include "shared/base/escape.h"
#include "shared/base/throw_if_no_memory.h"

namespace doutu {
namespace {

/// Operands of the wrong type ("//a | 'x'") show when an expression runs, on the smallest page too; libxml2 knows no
/// place then.
std::optional<std::string> runtime_error(const Xpath::Compiled& compiled) {
  const LibxmlErrors errors;
  TreeMemory memory(TreeMemory::max_bytes_for(0));
  const auto page = build_html_tree("", memory);
  XpathEvaluation evaluation(compiled, *page);
  const XpathObject found = evaluation.run(HtmlDocument::kMaxOperations);
  throw_if_no_memory(!errors.is_memory());
  if (found) return std::nullopt;
  return errors.message();
}

std::string quote(const XpathProblem& problem, std::string_view expression) {
  const std::size_t at = std::min(problem.position, expression.size());
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; };
  const auto characters = std::ranges::count_if(expression.substr(0, at), is_first_byte);
  return escape_for_terminal(problem.what) + " at character " + std::to_string(characters + 1) +
         ", marked by >>>: " + escape_for_terminal(expression.substr(0, at)) + " >>> " +
         escape_for_terminal(expression.substr(at));
}

/// A plain path has libxml2 look at the page in a way of its own, which sees nothing that lies deeper than 10,000
/// elements. What stands in parentheses it does not take for one.
XpathExpression compile_for_any_depth(xmlXPathContext* context, const std::string& expression,
                                      XpathExpression compiled) {
  const bool is_plain = expression.find_first_of("[(@") == std::string::npos;
  if (!is_plain || !compiled) return compiled;
  return XpathExpression(xmlXPathCtxtCompile(context, to_xml(("(" + expression + ")").c_str())));
}

}  // namespace

Result<Xpath> Xpath::compile(const std::string& expression) {
  if (expression.find('\0') != std::string::npos) return Error{"an XPath cannot contain a NUL byte"};
  const LibxmlErrors errors;
  const XpathContext context(xmlXPathNewContext(nullptr));
  throw_if_no_memory(context != nullptr);
  XpathExpression compiled(xmlXPathCtxtCompile(context.get(), to_xml(expression.c_str())));
  compiled = compile_for_any_depth(context.get(), expression, std::move(compiled));
  // It says what is wrong with an expression, and nothing when it has no memory to begin with.
  throw_if_no_memory(!errors.is_memory() && (compiled || !errors.message().empty()));
  if (!compiled) {
    return Error{quote({static_cast<std::size_t>(std::max(errors.position(), 0)), errors.message()}, expression)};
  }
  auto whole = std::make_unique<Compiled>();
  whole->expression = std::move(compiled);
  if (const auto problem = note_calls(expression, *whole)) return Error{quote(*problem, expression)};
  if (const auto what = runtime_error(*whole)) return Error{*what + ": " + escape_for_terminal(expression)};
  return Xpath(std::move(whole));
}

Xpath::Xpath(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Xpath::Xpath(Xpath&&) noexcept = default;
Xpath& Xpath::operator=(Xpath&&) noexcept = default;
Xpath::~Xpath() = default;

}  // namespace doutu

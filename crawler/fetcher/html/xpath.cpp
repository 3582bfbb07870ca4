#include "crawler/fetcher/html/xpath.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "crawler/fetcher/html/html_tree.h"
#include "crawler/fetcher/html/libxml.h"
#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/base/throw_if_no_memory.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

struct Problem {
  std::size_t position = 0;  ///< Bytes into the expression.
  std::string what;
};

/// Letters, digits and what else a name may hold; all of what is not ASCII, libxml2 has judged that.
constexpr bool is_name_character(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '_' || c == '-' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Names before '(' that call nothing: node types and operators (XPath 1.0 section 3.7).
constexpr std::array<std::string_view, 8> kNotFunctions{"node", "text", "comment", "processing-instruction",
                                                        "and",  "or",   "div",     "mod"};

bool is_function(xmlXPathContext& context, const std::string& name) {
  return std::ranges::find(kNotFunctions, name) != kNotFunctions.end() ||
         xmlXPathFunctionLookup(&context, to_xml(name.c_str())) != nullptr;
}

void add_prefix(std::vector<std::string>& prefixes, const std::string& name) {
  if (name != "xml" && std::ranges::find(prefixes, name) == prefixes.end()) prefixes.push_back(name);
}

/// The first position from `at` on where the predicate does not hold.
template <class Predicate>
std::size_t skip(std::string_view text, std::size_t at, Predicate predicate) {
  while (at < text.size() && predicate(text[at])) ++at;
  return at;
}

/// Whether the name at this place stands behind "x:", and not behind "child::".
bool has_prefix(std::string_view expression, std::size_t at) {
  const std::string_view before = expression.substr(0, at);
  return before.ends_with(':') && !before.ends_with("::");
}

/// What libxml2 says only when an evaluation gets there: a function that it has not. Notes the prefixes on the way.
/// Precondition: expression compiles.
std::optional<Problem> undefined_function(xmlXPathContext& context, std::string_view expression,
                                          std::vector<std::string>& prefixes) {
  for (std::size_t at = 0; at < expression.size();) {
    const char c = expression[at];
    if (c == '"' || c == '\'') at = expression.find(c, at + 1);
    if (!is_name_character(expression[at])) {
      ++at;
      continue;
    }
    const std::size_t end = skip(expression, at, is_name_character);
    const std::string name(expression.substr(at, end - at));
    const std::size_t next = skip(expression, end, is_xml_whitespace);
    const std::string_view rest = expression.substr(next);
    const bool is_known = !has_prefix(expression, at) && is_function(context, name);
    if (rest.starts_with('(') && !is_known) return Problem{at, "Unknown function " + name + "()"};
    if (rest.starts_with(':') && !rest.starts_with("::")) add_prefix(prefixes, name);
    at = rest.starts_with("::") ? next + 2 : end;
  }
  return std::nullopt;
}

/// Operands of the wrong type ("//a | 'x'") show when an expression runs, on the smallest page too; libxml2 knows no
/// place then.
std::optional<std::string> runtime_error(const Xpath::Compiled& compiled) {
  const LibxmlErrors errors;
  TreeMemory memory(TreeMemory::max_bytes_for(0));
  const auto page = build_html_tree("", memory);
  const XpathContext context(xmlXPathNewContext(page->document.get()));
  throw_if_no_memory(context != nullptr);
  context->node = reinterpret_cast<xmlNode*>(page->document.get());
  register_prefixes(*context, compiled, *page);
  const XpathObject found(xmlXPathCompiledEval(compiled.expression.get(), context.get()));
  throw_if_no_memory(!errors.is_memory());
  if (found) return std::nullopt;
  return errors.message();
}

std::string quote(const Problem& problem, std::string_view expression) {
  const std::size_t at = std::min(problem.position, expression.size());
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; };
  const auto characters = std::ranges::count_if(expression.substr(0, at), is_first_byte);
  return problem.what + " at character " + std::to_string(characters + 1) +
         ", marked by >>>: " + escape_for_terminal(expression.substr(0, at)) + " >>> " +
         escape_for_terminal(expression.substr(at));
}

}  // namespace

Result<Xpath> Xpath::compile(const std::string& expression) {
  if (expression.find('\0') != std::string::npos) return Error{"an XPath cannot contain a NUL byte"};
  const LibxmlErrors errors;
  const XpathContext context(xmlXPathNewContext(nullptr));
  throw_if_no_memory(context != nullptr);
  XpathExpression compiled(xmlXPathCtxtCompile(context.get(), to_xml(expression.c_str())));
  // It says what is wrong with an expression, and nothing when it has no memory to begin with.
  throw_if_no_memory(!errors.is_memory() && (compiled || !errors.message().empty()));
  if (!compiled) {
    return Error{quote({static_cast<std::size_t>(std::max(errors.position(), 0)), errors.message()}, expression)};
  }
  auto whole = std::make_unique<Compiled>(Compiled{std::move(compiled), {}});
  const auto problem = undefined_function(*context, expression, whole->prefixes);
  if (problem) return Error{quote(*problem, expression)};
  if (const auto what = runtime_error(*whole)) return Error{*what + ": " + escape_for_terminal(expression)};
  return Xpath(std::move(whole));
}

Xpath::Xpath(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Xpath::Xpath(Xpath&&) noexcept = default;
Xpath& Xpath::operator=(Xpath&&) noexcept = default;
Xpath::~Xpath() = default;

}  // namespace doutu

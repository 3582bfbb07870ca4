#include "crawler/fetcher/html/xpath_calls.h"

#include <algorithm>
#include <array>
#include <vector>

#include "crawler/fetcher/html/xpath_function.h"
#include "shared/base/ascii.h"
#include "shared/base/nearest_word.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

/// Letters, digits and what else a name may hold; all of what is not ASCII, libxml2 has judged that.
constexpr bool is_name_character(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '_' || c == '-' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Names before '(' that call nothing: node types and operators (XPath 1.0 section 3.7).
constexpr std::array<std::string_view, 8> kNotFunctions{"node", "text", "comment", "processing-instruction",
                                                        "and",  "or",   "div",     "mod"};

/// XPath 1.0 section 4.
constexpr auto kOwnFunctions = std::to_array<std::string_view>({"last",
                                                                "position",
                                                                "count",
                                                                "id",
                                                                "local-name",
                                                                "namespace-uri",
                                                                "name",
                                                                "string",
                                                                "concat",
                                                                "starts-with",
                                                                "contains",
                                                                "substring-before",
                                                                "substring-after",
                                                                "substring",
                                                                "string-length",
                                                                "normalize-space",
                                                                "translate",
                                                                "boolean",
                                                                "not",
                                                                "true",
                                                                "false",
                                                                "lang",
                                                                "number",
                                                                "sum",
                                                                "floor",
                                                                "ceiling",
                                                                "round"});

bool is_in(const auto& names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

XpathProblem unknown_function(std::size_t at, const std::string& name) {
  std::vector<std::string> names(kOwnFunctions.begin(), kOwnFunctions.end());
  for (const XpathFunction& function : xpath_functions()) names.emplace_back(function.name);
  const auto nearest = nearest_word(name, names);
  const std::string what = "Unknown function " + name + "()";
  return {at, nearest ? what + ", did you mean " + *nearest + "()?" : what};
}

void add_prefix(std::vector<std::string>& prefixes, const std::string& name) {
  if (name != "xml" && !is_in(prefixes, name)) prefixes.push_back(name);
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

struct Argument {
  std::size_t position;
  std::string_view text;  ///< Without white space around.
};

Argument argument(std::string_view expression, std::size_t begin, std::size_t end) {
  begin = skip(expression, begin, is_xml_whitespace);
  return {begin, trim(expression.substr(begin, std::max(begin, end) - begin), kXmlWhitespace)};
}

/// Of a call, from behind its parenthesis on. The calls within are its own business.
std::vector<Argument> arguments_at(std::string_view expression, std::size_t at) {
  std::vector<Argument> arguments;
  std::size_t begin = at;
  for (std::size_t depth = 1; at < expression.size() && depth > 0; ++at) {
    const char c = expression[at];
    if (c == '"' || c == '\'') at = expression.find(c, at + 1);
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (depth == 0 || (depth == 1 && c == ',')) {
      arguments.push_back(argument(expression, begin, at));
      begin = at + 1;
    }
  }
  if (arguments.size() == 1 && arguments[0].text.empty()) arguments.clear();
  return arguments;
}

bool is_literal(std::string_view text) {
  const bool is_quoted = text.size() > 1 && (text[0] == '"' || text[0] == '\'');
  return is_quoted && text.find(text[0], 1) == text.size() - 1;
}

std::optional<XpathProblem> note_regex(const Argument& argument, Xpath::Compiled& compiled) {
  if (!is_literal(argument.text)) return XpathProblem{argument.position, "The regular expression is not in quotes"};
  const std::string pattern(argument.text.substr(1, argument.text.size() - 2));
  Regex regex(pattern);
  if (const auto problem = regex.problem()) {
    return XpathProblem{argument.position + 1 + problem->position, "Bad regular expression, " + problem->what};
  }
  compiled.regexes.emplace(pattern, std::move(regex));
  return std::nullopt;
}

/// arguments_at: behind the parenthesis.
std::optional<XpathProblem> note_call(std::string_view expression, std::size_t at, std::size_t behind,
                                      const XpathFunction& function, Xpath::Compiled& compiled) {
  const std::vector<Argument> arguments = arguments_at(expression, behind);
  if (arguments.size() != function.arguments) {
    const std::string count = function.arguments == 1 ? "one argument" : "two arguments";
    return XpathProblem{at, "The function " + std::string(function.name) + "() takes " + count};
  }
  if (std::ranges::find(compiled.functions, &function) == compiled.functions.end()) {
    compiled.functions.push_back(&function);
  }
  return function.arguments == 2 ? note_regex(arguments[1], compiled) : std::nullopt;
}

}  // namespace

std::optional<XpathProblem> note_calls(std::string_view expression, Xpath::Compiled& compiled) {
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
    const bool is_call = rest.starts_with('(') && !is_in(kNotFunctions, name);
    const bool is_plain = !has_prefix(expression, at);
    const XpathFunction* const function = is_call && is_plain ? find_xpath_function(name) : nullptr;
    if (is_call && function == nullptr && !(is_plain && is_in(kOwnFunctions, name))) return unknown_function(at, name);
    if (function != nullptr) {
      if (auto problem = note_call(expression, at, next + 1, *function, compiled)) return problem;
    }
    if (rest.starts_with(':') && !rest.starts_with("::")) add_prefix(compiled.prefixes, name);
    at = rest.starts_with("::") ? next + 2 : end;
  }
  return std::nullopt;
}

}  // namespace doutu

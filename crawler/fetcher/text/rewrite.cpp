#include "crawler/fetcher/text/rewrite.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

Error wrong(std::string_view rule, std::string_view what) {
  return {fmt::format("--rewrite \"{}\": {}", escape_for_terminal(rule, 200), what)};
}

/// What stands before the next mark, the backslashes before marks taken away; nullopt: there is no mark.
std::optional<std::string> take_part(std::string_view& rest, char mark) {
  std::string part;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] == mark) return rest.remove_prefix(at + 1), part;
    if (rest[at] == '\\' && at + 1 < rest.size()) {
      if (rest[at + 1] != mark) part += '\\';
      ++at;
    }
    part += rest[at];
  }
  return std::nullopt;
}

/// As RE2 writes it: sed's & is \0.
std::string replacement_of(std::string_view to) {
  std::string text;
  for (std::size_t at = 0; at < to.size(); ++at) {
    if (to[at] == '&') {
      text += "\\0";
    } else if (to[at] == '\\' && at + 1 < to.size()) {
      const char next = to[++at];
      if (next == '&') {
        text += '&';
      } else {
        text.append({'\\', next});
      }
    } else {
      text += to[at];
    }
  }
  return text;
}

}  // namespace

Result<Rewrite> Rewrite::parse(std::string_view rule) {
  constexpr std::string_view kExpected = "expected s/RE/TO/, or s/RE/TO/g for every match";
  std::string_view rest = rule;
  const char mark = rest.size() < 2 ? 'x' : rest[1];
  const bool can_part = mark > ' ' && mark < 0x7F && !is_ascii_letter(mark) && !is_ascii_digit(mark) && mark != '\\';
  if (!rest.starts_with('s') || !can_part) return wrong(rule, kExpected);
  rest.remove_prefix(2);
  const auto from = take_part(rest, mark);
  const auto to = from ? take_part(rest, mark) : std::nullopt;
  if (!to || from->empty() || (!rest.empty() && rest != "g")) return wrong(rule, kExpected);
  Regex regex(*from);
  if (const auto problem = regex.problem()) return wrong(rule, problem->what);
  std::string replacement = replacement_of(*to);
  if (const auto problem = regex.problem_with_replacement(replacement)) return wrong(rule, *problem);
  return Rewrite(std::move(regex), std::move(replacement), rest == "g");
}

std::string Rewrite::apply(std::string_view text) const { return regex_.replaced(text, to_, is_global_); }

}  // namespace doutu

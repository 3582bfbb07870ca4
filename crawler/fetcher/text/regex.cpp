#include "crawler/fetcher/text/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace doutu {
namespace {

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(Regex::kMaxBytes));
  return options;
}

/// Behind a match that was empty: the next character's first byte.
std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) ++at;
  return at;
}

}  // namespace

struct Regex::Hidden {
  std::string pattern;
  RE2 compiled;
};

Regex::Regex(std::string_view pattern)
    : hidden_(new Hidden{std::string(pattern), RE2(re2::StringPiece(pattern.data(), pattern.size()), options())}) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::optional<Regex::Problem> Regex::problem() const {
  if (hidden_->compiled.ok()) return std::nullopt;
  const std::size_t at = hidden_->pattern.find(hidden_->compiled.error_arg());
  return Problem{hidden_->compiled.error(), at == std::string::npos ? 0 : at};
}

std::vector<std::string_view> Regex::matches(std::string_view text) const {
  std::vector<std::string_view> found;
  if (!hidden_->compiled.ok()) return found;
  const re2::StringPiece all(text.data(), text.size());
  std::array<re2::StringPiece, 2> parts;  // The match, its first group.
  const int count = hidden_->compiled.NumberOfCapturingGroups() > 0 ? 2 : 1;
  std::size_t at = 0;
  while (at <= text.size() && hidden_->compiled.Match(all, at, text.size(), RE2::UNANCHORED, parts.data(), count)) {
    const auto end = static_cast<std::size_t>(parts[0].data() - text.data()) + parts[0].size();
    at = parts[0].empty() ? next_character(text, end) : end;
    const re2::StringPiece wanted = parts.at(static_cast<std::size_t>(count - 1));
    if (!wanted.empty()) found.emplace_back(wanted.data(), wanted.size());
  }
  return found;
}

std::optional<std::string> Regex::problem_with_replacement(std::string_view replacement) const {
  std::string problem;
  const re2::StringPiece text(replacement.data(), replacement.size());
  return hidden_->compiled.CheckRewriteString(text, &problem) ? std::nullopt : std::optional(problem);
}

std::string Regex::replaced(std::string_view text, std::string_view replacement, bool everywhere) const {
  std::string result(text);
  const re2::StringPiece to(replacement.data(), replacement.size());
  if (everywhere) {
    RE2::GlobalReplace(&result, hidden_->compiled, to);
  } else {
    RE2::Replace(&result, hidden_->compiled, to);
  }
  return result;
}

}  // namespace doutu

// Rewrite: a rule "s/RE/TO/" as sed has it, with RE2's expressions: from the URL of a thumbnail to that of the full
// image. Page fetcher, one thread.
#pragma once

#include <string>
#include <string_view>

#include "crawler/fetcher/text/regex.h"
#include "shared/base/result.h"

namespace doutu {

class Rewrite {
 public:
  /// The mark behind s may be any punctuation; within RE and TO it is written behind a backslash. \1 to \9 in TO stand
  /// for groups, \0 and & for the match, \& for an ampersand. Behind the last mark: nothing, or g for every match. The
  /// error is one line that says what is wrong and quotes the rule.
  [[nodiscard]] static Result<Rewrite> parse(std::string_view rule);

  /// The text with the first match replaced, or with every one; itself where nothing matches.
  [[nodiscard]] std::string apply(std::string_view text) const;

 private:
  Rewrite(Regex regex, std::string to, bool is_global)
      : regex_(std::move(regex)), to_(std::move(to)), is_global_(is_global) {}

  Regex regex_;
  std::string to_;
  bool is_global_;
};

}  // namespace doutu

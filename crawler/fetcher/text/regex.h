// Regex: a compiled regular expression of RE2, which is linear on hostile text. The only file that knows RE2. Page
// fetcher, one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace doutu {

class Regex {
 public:
  struct Problem {
    std::string what;          ///< "missing ]"
    std::size_t position = 0;  ///< Bytes into the pattern.
  };
  /// Most that a pattern and its matching may take; a larger one is a problem.
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20U;

  /// Of UTF-8, in RE2's syntax: no back references, no look-around.
  explicit Regex(std::string_view pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  /// A regex that has one matches nothing.
  [[nodiscard]] std::optional<Problem> problem() const;

  /// Every match from left to right, or what its first group matched if it has one. Empty ones are left out.
  /// Precondition: text is UTF-8.
  [[nodiscard]] std::vector<std::string_view> matches(std::string_view text) const;

  /// What is wrong with a replacement, in which \0 to \9 stand for the match and its groups.
  [[nodiscard]] std::optional<std::string> problem_with_replacement(std::string_view replacement) const;
  /// The text with the first match, or every one, replaced. Preconditions: neither has a problem; text is UTF-8.
  [[nodiscard]] std::string replaced(std::string_view text, std::string_view replacement, bool everywhere) const;

 private:
  struct Hidden;
  std::unique_ptr<Hidden> hidden_;
};

}  // namespace doutu

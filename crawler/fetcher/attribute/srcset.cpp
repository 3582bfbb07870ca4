#include "crawler/fetcher/attribute/srcset.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

constexpr bool is_space_or_comma(char c) { return is_html_whitespace(c) || c == ','; }

/// Takes what comes before the first character of this kind off text.
template <class IsEnd>
std::string_view take_until(std::string_view& text, IsEnd is_end) {
  const std::string_view taken(text.begin(), std::ranges::find_if(text, is_end));
  text.remove_prefix(taken.size());
  return taken;
}

template <class IsSkipped>
void skip(std::string_view& text, IsSkipped is_skipped) {
  (void)take_until(text, [&](char c) { return !is_skipped(c); });
}

/// Takes a descriptor off text: up to white space or a comma outside of parentheses.
std::string_view take_descriptor(std::string_view& text) {
  bool in_parentheses = false;
  return take_until(text, [&](char c) {
    if (in_parentheses) {
      in_parentheses = c != ')';
      return false;
    }
    in_parentheses = c == '(';
    return is_space_or_comma(c);
  });
}

/// HTML section 2.3.4.2, "valid non-negative integer"; the greatest one for what is greater.
std::optional<std::uint64_t> read_integer(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_ascii_digit)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? number : std::numeric_limits<std::uint64_t>::max();
}

/// HTML section 2.3.4.3, "valid floating-point number", and not below zero.
std::optional<double> read_density(std::string_view text) {
  // What from_chars() takes beyond: "inf", "nan", "1.", "1.e2".
  const std::size_t dot = text.find('.');
  const bool bare_dot = dot != std::string_view::npos && (dot + 1 == text.size() || !is_ascii_digit(text[dot + 1]));
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos || bare_dot) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// Reads the descriptors of one candidate, one after another.
class Descriptors {
 public:
  void read(std::string_view text) {
    const char unit = text.back();
    text.remove_suffix(1);
    if (unit == 'x') {
      if (const auto density = read_density(text)) take(density_, *density, width_ || height_);
    } else if (unit == 'w' || unit == 'h') {
      const auto pixels = read_integer(text);
      if (!pixels) return;
      if (*pixels == 0) contradict_ = true;
      unit == 'w' ? take(width_, *pixels, density_.has_value()) : take(height_, *pixels, density_.has_value());
    }
  }

  [[nodiscard]] std::optional<SrcsetCandidate> candidate(std::string_view url) const {
    if (contradict_ || (height_ && !width_)) return std::nullopt;
    return SrcsetCandidate{url, width_, density_};
  }

 private:
  template <class Number>
  void take(std::optional<Number>& field, Number number, bool contradicts) {
    if (field || contradicts) contradict_ = true;
    field = number;
  }

  std::optional<std::uint64_t> width_, height_;
  std::optional<double> density_;
  bool contradict_ = false;
};

/// What candidates are compared by: any width beats any density.
std::pair<std::uint64_t, double> size_of(const SrcsetCandidate& candidate) {
  return {candidate.width.value_or(0), candidate.density.value_or(1)};
}

}  // namespace

std::optional<SrcsetCandidate> take_srcset_candidate(std::string_view& srcset) {
  while (true) {
    skip(srcset, is_space_or_comma);
    if (srcset.empty()) return std::nullopt;
    std::string_view url = take_until(srcset, is_html_whitespace);
    Descriptors descriptors;
    if (url.ends_with(',')) {
      url.remove_suffix(url.size() - (url.find_last_not_of(',') + 1));
    } else {
      skip(srcset, is_html_whitespace);
      while (!srcset.empty() && srcset.front() != ',') {
        descriptors.read(take_descriptor(srcset));
        skip(srcset, is_html_whitespace);
      }
    }
    if (const auto candidate = descriptors.candidate(url)) return candidate;
  }
}

std::optional<std::string_view> best_srcset_candidate(std::string_view srcset) {
  std::optional<SrcsetCandidate> best;
  while (const auto candidate = take_srcset_candidate(srcset)) {
    if (!best || size_of(*best) < size_of(*candidate)) best = candidate;
  }
  if (!best) return std::nullopt;
  return best->url;
}

}  // namespace doutu

#include "shared/base/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace doutu {
namespace {

constexpr std::size_t kMaxLetters = 64;  // of a mistyped word; a longer one is no slip
constexpr std::size_t kMinBeginning = 3;

std::string_view letters(std::string_view word) {
  return word.substr(std::min(word.find_first_not_of('-'), word.size()));
}

std::size_t distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> table((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        at(i, j) = i + j;
        continue;
      }
      const std::size_t replaced = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(a.size(), b.size());
}

std::optional<std::string> only_beginning(std::string_view beginning, std::span<const std::string> words) {
  const auto begins_so = [&](std::string_view word) { return letters(word).starts_with(beginning); };
  if (beginning.size() < kMinBeginning || std::ranges::count_if(words, begins_so) != 1) return std::nullopt;
  return *std::ranges::find_if(words, begins_so);
}

}  // namespace

std::optional<std::string> nearest_word(std::string_view mistyped, std::span<const std::string> words) {
  const std::string_view typed = letters(mistyped);
  if (typed.empty() || typed.size() > kMaxLetters) return std::nullopt;
  const std::string* nearest = nullptr;
  std::size_t fewest = typed.size() <= 4 ? 2 : 3;  // one more than is allowed
  for (const std::string& word : words) {
    const std::size_t slips = distance(typed, letters(word));
    if (slips >= fewest) continue;
    fewest = slips;
    nearest = &word;
  }
  return nearest != nullptr ? std::optional(*nearest) : only_beginning(typed, words);
}

}  // namespace doutu

#include "crawler/request/placeholder_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "crawler/request/calendar_day.h"
#include "shared/base/ascii.h"
#include "shared/base/enum_table.h"
#include "shared/base/escape.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

using Kind = PlaceholderValues::Kind;
using Parts = std::vector<std::string_view>;

constexpr std::size_t kShown = 60;  // bytes of wrong input in an error

struct KindRow {
  Kind key;
  std::string_view name;
};
constexpr EnumTable kKinds{std::to_array<KindRow>(
    {{Kind::numbers, "numbers"}, {Kind::letters, "letters"}, {Kind::dates, "dates"}, {Kind::words, "words"}})};

Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_for_terminal(written, kShown), story)};
}

Parts parts_of(std::string_view text) {
  Parts parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::string_view part = text.substr(begin, text.find(',', begin) - begin);
    begin += part.size() + 1;
    parts.push_back(trim(part, " "));
  }
  return parts;
}

/// A character that no number and no range of numbers has.
bool is_wordly(char c) { return is_ascii_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool has_letter(std::string_view part) { return std::ranges::any_of(part, is_wordly); }

/// "x", "a-f", "a-f:2", "a-".
bool is_of_letters(std::string_view part) {
  if (part.empty() || !is_ascii_letter(part[0])) return false;
  if (part.size() == 1) return true;
  return part[1] == '-' && (part.size() == 2 || (is_ascii_letter(part[2]) && (part.size() == 3 || part[3] == ':')));
}

bool is_letter_range(std::string_view part) { return part.size() > 1 && is_of_letters(part); }

/// "2026-01-31", and what begins so.
bool is_of_dates(std::string_view part) {
  constexpr std::string_view kForm = "0000-00-00";
  return part.size() >= kForm.size() && std::ranges::equal(part.substr(0, kForm.size()), kForm, [](char c, char form) {
           return form == '0' ? is_ascii_digit(c) : c == form;
         });
}

bool is_number_range(std::string_view part) {
  const std::size_t digits = part.find_first_not_of("0123456789");
  return digits != 0 && digits < part.size() && part[digits] == '-' && !has_letter(part);
}

/// A part of letters or dates as the numbers that stand for them: "a-f:2" is "97-102:2".
struct Bounds {
  std::string_view first;
  std::optional<std::string_view> last;
  std::string_view step;  ///< With its colon.
};

Bounds bounds_of(std::string_view part, std::string_view between) {
  const std::size_t colon = std::min(part.find(':'), part.size());
  const std::string_view range = part.substr(0, colon);
  const std::size_t at = range.find(between);
  if (at == std::string_view::npos) return {range, std::nullopt, part.substr(colon)};
  return {range.substr(0, at), range.substr(at + between.size()), part.substr(colon)};
}

using NumberOf = std::optional<std::uint64_t> (*)(std::string_view);

std::optional<std::uint64_t> letter_number(std::string_view text) {
  if (text.size() != 1 || !is_ascii_letter(text[0])) return std::nullopt;
  return static_cast<unsigned char>(text[0]);
}

bool is_step(std::string_view step) {
  if (step.empty()) return true;
  const std::string_view digits = step.substr(1);
  return digits.size() < 10 && std::ranges::all_of(digits, is_ascii_digit) &&
         digits.find_first_not_of('0') != digits.npos;
}

/// What differs between letters and dates.
struct RangeKind {
  Kind kind;
  std::string_view between;  ///< First and last.
  NumberOf number_of;
  std::string_view wrong;  ///< Of a part that is none.
};

Result<std::string> numbers_text(std::string_view part, const RangeKind& kind) {
  const Bounds bounds = bounds_of(part, kind.between);
  const auto first = kind.number_of(bounds.first);
  const auto last = bounds.last ? kind.number_of(*bounds.last) : first;
  if (!first || !last) return about(part, kind.wrong);
  if (*last < *first) {
    return about(part, fmt::format("counts backwards; write {}{}{}", *bounds.last, kind.between, bounds.first));
  }
  if (!is_step(bounds.step) || (!bounds.last && !bounds.step.empty())) {
    return about(part, "needs a range, a colon and a step of at least 1, such as " +
                           std::string(kind.kind == Kind::letters ? "a-z:2" : "2026-01-01..2026-12-31:7"));
  }
  return fmt::format("{}-{}{}", *first, *last, bounds.step);
}

constexpr RangeKind kLetters{Kind::letters, "-", letter_number, "is not a letter or a range of letters, such as a-z"};
constexpr RangeKind kDates{Kind::dates, "..", day_number,
                           "is not a date or a range of dates, such as 2026-01-01..2026-01-31"};

Result<PageRange> numbers_of(const Parts& parts, const RangeKind& kind) {
  std::string text;
  for (const std::string_view part : parts) {
    auto numbers = numbers_text(part, kind);
    if (!numbers) return std::move(numbers).error();
    text += (text.empty() ? "" : ",") + *numbers;
  }
  return PageRange::parse(text);
}

/// "a-Z" would name what stands between the cases.
const std::string_view* part_of_two_cases(const Parts& parts) {
  const auto found = std::ranges::find_if(
      parts, [](std::string_view part) { return part.size() > 2 && (part[0] >= 'a') != (part[2] >= 'a'); });
  return found == parts.end() ? nullptr : &*found;
}

Status check_word(std::string_view word) {
  const auto* const wrong = std::ranges::find_if(word, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ';' || c == '=' || c == '#';
  });
  if (wrong == word.end()) return {};
  return about(word,
               "has a character that no value may have: a control character, \";\", \"=\" or \"#\"; write it as "
               "%3B, %3D or %23");
}

}  // namespace

std::string_view kind_name(Kind kind) { return kKinds[kind].name; }

Result<PlaceholderFormat> PlaceholderFormat::parse(std::string_view text) {
  const bool is_width = text.size() == 2 && text[0] == '0' && text[1] >= '1' && text[1] <= '9';
  if (is_width) return PlaceholderFormat{.digits = text[1] - '0'};
  if (text.find('%') != std::string_view::npos && can_write_day(text)) return PlaceholderFormat{0, std::string(text)};
  return Error{
      "has an invalid format; expected {page}, {page:03}, or for dates {day:%Y/%m/%d} with %Y %y %m %d %j %b %B"};
}

Result<PlaceholderValues> PlaceholderValues::parse(std::string_view text) {
  const Parts parts = parts_of(text);
  const auto all = [&parts](auto is_so) { return std::ranges::all_of(parts, is_so); };
  if (all(is_of_dates)) {
    auto days = numbers_of(parts, kDates);
    if (!days) return std::move(days).error();
    return PlaceholderValues(Kind::dates, *std::move(days));
  }
  if (std::ranges::none_of(parts, has_letter)) {
    auto numbers = PageRange::parse(text);
    if (!numbers) return std::move(numbers).error();
    return PlaceholderValues(*std::move(numbers));
  }
  if (all(is_of_letters)) {
    if (const auto* part = part_of_two_cases(parts))
      return about(*part, "mixes small letters and capitals; write a-z,A-Z");
    auto letters = numbers_of(parts, kLetters);
    if (!letters) return std::move(letters).error();
    return PlaceholderValues(Kind::letters, *std::move(letters));
  }
  return parse_words(parts);
}

Result<PlaceholderValues> PlaceholderValues::parse_words(const Parts& parts) {
  std::vector<std::string> words;
  for (const std::string_view part : parts) {
    if (part.empty()) return about(part, "is no value: there is nothing before or after a comma");
    if (is_number_range(part) || is_letter_range(part) || is_of_dates(part)) {
      return about(part, "is a range among words; give ranges and words to different placeholders, or list all values");
    }
    if (Status checked = check_word(part); !checked) return std::move(checked).error();
    if (std::ranges::find(words, part) == words.end()) words.emplace_back(part);
    if (words.size() > PageRange::kMaxParts) {
      return Error{
          fmt::format("there are more than {} words; put the URLs into a file (-i FILE)", PageRange::kMaxParts)};
    }
  }
  // "1to10" is more likely a slip.
  if (words.size() == 1 && !is_wordly(words[0].front())) return PageRange::parse(words[0]).error();
  auto numbers = PageRange::parse(words.size() == 1 ? "0" : fmt::format("0-{}", words.size() - 1));
  if (!numbers) return std::move(numbers).error();
  return PlaceholderValues(Kind::words, *std::move(numbers), std::move(words));
}

std::string PlaceholderValues::value(std::uint64_t number, const PlaceholderFormat& format) const {
  switch (kind_) {
    case Kind::numbers:
      return fmt::format("{:0{}}", number, std::max(format.digits, 1));
    case Kind::letters:
      return {static_cast<char>(number)};
    case Kind::dates:
      return day_text(number, format.date.empty() ? kUsualDay : format.date);
    case Kind::words:
      break;
  }
  return words_.at(number);
}

std::string PlaceholderValues::text() const {
  if (kind_ == Kind::numbers) return numbers_.text();
  if (kind_ == Kind::words) return fmt::format("{}", fmt::join(words_, ","));
  std::string text;
  for (const PageRange::Span& span : numbers_.spans()) {
    if (!text.empty()) text += ',';
    text += value(span.first, {});
    if (span.first == span.last) continue;
    text += kind_ == Kind::dates ? kDates.between : kLetters.between;
    text += value(span.last, {});
    if (span.step > 1) text += fmt::format(":{}", span.step);
  }
  return text;
}

}  // namespace doutu

#include "crawler/request/page_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::size_t kShown = 60;  // bytes of wrong input in an error

/// The error: what was written, quoted, then what is wrong with it and what to write.
Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_for_terminal(written, kShown), story)};
}

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

Result<std::uint64_t> parse_number(std::string_view text, std::string_view part) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) {
    return about(part, "is not a page number or range; examples: 7, 1-10, 20-40:2");
  }
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || number > PageRange::kMaxNumber) {
    return about(part, fmt::format("is too large; the largest page number is {}", PageRange::kMaxNumber));
  }
  return number;
}

Result<std::uint64_t> parse_step(std::string_view text, std::string_view part) {
  Result<std::uint64_t> step = parse_number(text, part);
  if (text.empty() || (step && *step == 0)) {
    return about(part, "needs a step of at least 1 after the colon; example: 20-40:2");
  }
  return step;
}

}  // namespace

bool PageRange::Span::contains(std::uint64_t number) const {
  return number >= first && number <= last && (number - first) % step == 0;
}

std::string PageRange::Span::text() const {
  if (is_open) return step == 1 ? fmt::format("{}-", first) : fmt::format("{}-:{}", first, step);
  if (first == last) return std::to_string(first);
  return step == 1 ? fmt::format("{}-{}", first, last) : fmt::format("{}-{}:{}", first, last, step);
}

Result<PageRange::Span> PageRange::parse_part(std::string_view part) {
  const std::size_t colon = part.find(':');
  const std::string_view bounds = part.substr(0, colon);
  const std::size_t dash = bounds.find('-');
  if (dash == std::string_view::npos && colon != std::string_view::npos) {
    return about(part, "has a step but no range; example: 20-40:2");
  }
  if (dash == 0) return about(part, "has no first page; example: 1-10");

  const Result<std::uint64_t> first = parse_number(bounds.substr(0, dash), part);
  if (!first) return first.error();
  if (dash == std::string_view::npos) return Span{*first, *first};
  const bool is_open = dash == bounds.size() - 1;
  const Result<std::uint64_t> last = is_open ? kMaxNumber : parse_number(bounds.substr(dash + 1), part);
  if (!last) return last.error();
  if (*last < *first) return about(part, fmt::format("counts backwards; write {}-{}", *last, *first));
  if (colon == std::string_view::npos) return Span{*first, *last, 1, is_open};
  const Result<std::uint64_t> step = parse_step(part.substr(colon + 1), part);
  if (!step) return step.error();
  const std::uint64_t reached = *first + (*last - *first) / *step * *step;
  return Span{*first, reached, reached == *first && !is_open ? 1 : *step, is_open};
}

Result<PageRange> PageRange::parse(std::string_view text) {
  if (text.empty()) return Error{"the page range is empty; examples: 1-10, 1-10,15,20-40:2"};
  PageRange range;
  std::uint64_t named = 0;
  std::size_t parts = 0;
  for (std::size_t begin = 0; begin <= text.size(); ++parts) {
    const std::string_view part = text.substr(begin, text.find(',', begin) - begin);
    begin += part.size() + 1;
    if (part.empty()) return about(text, "has nothing before or after a comma; example: 1-10,15");
    const Result<Span> span = parse_part(part);
    if (!span) return span.error();
    if (!span->is_open) named += span->size();
    if (named > kMaxPages) {
      return about(text, fmt::format("has more than {} pages; split it into several crawls", kMaxPages));
    }
    if (parts == kMaxParts) {
      return about(text, fmt::format("has more than {} parts; use ranges, for example 1-10", kMaxParts));
    }
    if (!range.add(*span)) {
      return about(text, fmt::format("goes on after {}, which has no end; put that last", range.spans_.back().text()));
    }
  }
  range.count_ = range.is_open() ? 0 : range.count_distinct();
  return range;
}

/// Of "1-8,3-10" the second span keeps 9-10. What is repeated in its middle stays: the span is still one.
bool PageRange::take_off_repeats(Span& span) const {
  if (span.step != 1) return true;
  const auto span_with = [this](std::uint64_t number) {
    return std::find_if(spans_.begin(), spans_.end(),
                        [number](const Span& old) { return old.step == 1 && old.contains(number); });
  };
  for (auto old = span_with(span.first); old != spans_.end(); old = span_with(span.first)) {
    if (old->last >= span.last) return false;
    span.first = old->last + 1;
  }
  if (span.is_open) return true;
  for (auto old = span_with(span.last); old != spans_.end(); old = span_with(span.last)) span.last = old->first - 1;
  return true;
}

bool PageRange::add(Span span) {
  const auto covers = [&](const Span& old) {
    return old.contains(span.first) && old.contains(span.last) && span.step % old.step == 0;
  };
  if (std::any_of(spans_.begin(), spans_.end(), covers) || !take_off_repeats(span)) return true;
  if (is_open()) return false;
  span.overlaps = std::any_of(spans_.begin(), spans_.end(),
                              [&](const Span& old) { return span.first <= old.last && old.first <= span.last; });
  const bool continues = !spans_.empty() && !span.overlaps && span.step == 1 && spans_.back().step == 1 &&
                         !spans_.back().overlaps && spans_.back().last + 1 == span.first;
  if (continues) {
    spans_.back().last = span.last;
    spans_.back().is_open = span.is_open;
  } else {
    spans_.push_back(span);
  }
  return true;
}

bool PageRange::among_first(std::size_t spans, std::uint64_t number) const {
  const auto end = spans_.begin() + static_cast<std::ptrdiff_t>(spans);
  return std::any_of(spans_.begin(), end, [number](const Span& span) { return span.contains(number); });
}

bool PageRange::contains(std::uint64_t number) const { return among_first(spans_.size(), number); }

/// Where spans meet, by sorting all numbers for a moment (40 MB and a second at most): looking every one up in a
/// thousand spans would take a minute.
std::uint64_t PageRange::count_distinct() const {
  std::uint64_t named = 0;
  for (const Span& span : spans_) named += span.size();
  if (std::none_of(spans_.begin(), spans_.end(), [](const Span& span) { return span.overlaps; })) return named;

  std::vector<std::uint32_t> numbers;
  numbers.reserve(named);
  for (const Span& span : spans_) {
    for (std::uint64_t i = 0; i < span.size(); ++i) {
      numbers.push_back(static_cast<std::uint32_t>(span.first + i * span.step));
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return static_cast<std::uint64_t>(std::unique(numbers.begin(), numbers.end()) - numbers.begin());
}

std::uint64_t PageRange::count_below(std::uint64_t number) const {
  std::uint64_t count = 0;
  Cursor cursor = numbers();
  for (auto next = cursor.next(); next; next = cursor.next()) {
    if (*next < number) {
      ++count;
    } else if (cursor.span().is_open) {
      break;
    }
  }
  return count;
}

std::string PageRange::text() const {
  std::string text;
  for (const Span& span : spans_) {
    if (!text.empty()) text += ',';
    text += span.text();
  }
  return text;
}

std::optional<std::uint64_t> PageRange::Cursor::next() {
  while (span_ < range_->spans_.size()) {
    const Span& span = range_->spans_[span_];
    if (index_ == span.size()) {
      ++span_;
      index_ = 0;
      continue;
    }
    const std::uint64_t number = span.first + index_++ * span.step;
    if (!span.overlaps || !range_->among_first(span_, number)) return number;
  }
  return std::nullopt;
}

}  // namespace doutu

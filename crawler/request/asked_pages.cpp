#include "crawler/request/asked_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "shared/base/ascii.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::string_view kListMark = "list:";  // no name of a placeholder: it has a colon
constexpr std::size_t kHashDigits = 32;
constexpr std::size_t kMaxPlaceholders = 16;
constexpr std::size_t kMaxTextBytes = std::size_t{16} * 1024;  // keeps it within a control message
constexpr std::size_t kShown = 60;                             // bytes of wrong input in an error

Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_for_terminal(written, kShown), story)};
}

/// "list:1000:0123456789abcdef0123456789abcdef".
Result<AskedList> parse_list(std::string_view text) {
  const Error error = about(text, "is not a list of URLs as a folder keeps it");
  const std::string_view rest = text.substr(kListMark.size());
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return error;
  AskedList list{.hash = std::string(rest.substr(colon + 1))};
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + colon, list.urls);
  const bool is_hash =
      list.hash.size() == kHashDigits && list.hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (failure != std::errc() || end != rest.data() + colon || !is_hash) return error;
  return list;
}

}  // namespace

bool is_placeholder_name(std::string_view text) {
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && is_small(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return is_small(c) || is_ascii_digit(c) || c == '_'; });
}

Result<AskedPages> AskedPages::parse(std::string_view text) {
  if (text.starts_with(kListMark)) {
    auto list = parse_list(text);
    if (!list) return std::move(list).error();
    return AskedPages(*std::move(list));
  }
  AskedPages pages;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::string_view one = text.substr(begin, text.find(';', begin) - begin);
    begin += one.size() + 1;
    if (Status added = pages.add(one); !added) return std::move(added).error();
  }
  return pages;
}

Status AskedPages::add(std::string_view flag) {
  const std::size_t equals = flag.find('=');
  const bool is_named = equals != std::string_view::npos;
  const std::string_view name = is_named ? flag.substr(0, equals) : kPagePlaceholder;
  if (!is_placeholder_name(name)) {
    return about(flag,
                 "names no placeholder; expected VALUES for {page}, or NAME=VALUES for {NAME}, where NAME has small "
                 "letters, digits and _");
  }
  auto values = PlaceholderValues::parse(is_named ? flag.substr(equals + 1) : flag);
  if (!values) return std::move(values).error();
  const bool is_one_word = values->kind() == PlaceholderValues::Kind::words && values->numbers().count() == 1;
  if (!is_named && is_one_word) {
    return about(flag, fmt::format("is no range of page numbers, such as 1-10; for that word write page={}", flag));
  }
  const auto place = std::ranges::lower_bound(named_, name, {}, &Named::name);
  if (place != named_.end() && place->name == name) {
    place->values = *std::move(values);
  } else {
    named_.insert(place, {std::string(name), *std::move(values)});
  }
  return check();
}

Status AskedPages::check() const {
  if (named_.size() > kMaxPlaceholders)
    return Error{fmt::format("there are more than {} placeholders", kMaxPlaceholders)};
  const bool has_open = std::ranges::any_of(named_, [](const Named& it) { return it.values.numbers().is_open(); });
  if (has_open && !is_open()) {
    return about(text(), "has a range without an end; that works only where {page} is the only placeholder");
  }
  if (!has_open && count() > PageRange::kMaxPages) {
    return about(text(), fmt::format("has more than {} pages; split it into several crawls", PageRange::kMaxPages));
  }
  if (text().size() > kMaxTextBytes) {
    return Error{fmt::format("the values of all placeholders are longer than {} bytes", kMaxTextBytes)};
  }
  return {};
}

std::string AskedPages::text() const {
  if (list_) return fmt::format("{}{}:{}", kListMark, list_->urls, list_->hash);
  const bool is_page_alone = named_.size() == 1 && named_.front().name == kPagePlaceholder;
  if (is_page_alone && named_.front().values.kind() != PlaceholderValues::Kind::words)
    return named_.front().values.text();
  std::string text;
  for (const Named& it : named_) text += fmt::format("{}{}={}", text.empty() ? "" : ";", it.name, it.values.text());
  return text;
}

const PlaceholderValues* AskedPages::values_of(std::string_view name) const {
  const auto found = std::ranges::find(named_, name, &Named::name);
  return found == named_.end() ? nullptr : &found->values;
}

const PageRange* AskedPages::range() const {
  if (named_.size() != 1 || named_.front().name != kPagePlaceholder) return nullptr;
  const PlaceholderValues& values = named_.front().values;
  return values.kind() == PlaceholderValues::Kind::numbers ? &values.numbers() : nullptr;
}

/// Beyond kMaxPages it only grows, and cannot overflow: each factor is at most kMaxPages.
std::uint64_t AskedPages::count() const {
  if (list_) return list_->urls;
  std::uint64_t count = named_.empty() ? 0 : 1;
  for (const Named& it : named_) {
    count *= it.values.numbers().count();
    if (count > PageRange::kMaxPages) break;
  }
  return count;
}

}  // namespace doutu

#include "downloader/transfer/image_version.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/clock.h"
#include "shared/base/http_date.h"
#include "shared/coding/content_coding.h"

namespace doutu {
namespace {

/// A date is a strong validator once nothing can have changed twice within its second, as the clocks go.
constexpr seconds kLongBefore{60};

bool is_encoded(const AnswerHeader& answer) {
  const ContentCodings codings = read_content_codings(answer.content_encoding);
  return codings.has_unknown || !codings.applied.empty();
}

/// One, in its quotes.
bool is_strong_tag(std::string_view etag) {
  return etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"') && std::ranges::count(etag, '"') == 2;
}

bool is_strong_date(std::string_view last_modified, std::string_view date) {
  const auto changed = parse_http_date(last_modified);
  const auto answered = parse_http_date(date);
  return changed && answered && *changed + kLongBefore <= *answered;
}

std::string if_range_of(const AnswerHeader& answer) {
  if (is_encoded(answer) || ascii_lower(answer.accept_ranges) == "none") return {};
  if (!answer.etag.empty()) return is_strong_tag(answer.etag) ? answer.etag : std::string();
  return is_strong_date(answer.last_modified, answer.date) ? answer.last_modified : std::string();
}

/// Takes a number and what must stand behind it from the front.
bool take_number(std::string_view& text, std::uint64_t& number, std::string_view behind) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(behind)) return false;
  text.remove_prefix(behind.size());
  return true;
}

struct ContentRange {
  std::uint64_t first = 0, last = 0, length = 0;
};

/// "bytes 100-199/200".
std::optional<ContentRange> parse_content_range(const std::string& value) {
  constexpr std::string_view kUnit = "bytes ";
  const std::string lower = ascii_lower(value);
  std::string_view text = lower;
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  ContentRange range;
  const bool is_read = take_number(text, range.first, "-") && take_number(text, range.last, "/") &&
                       take_number(text, range.length, "") && text.empty();
  return is_read && range.first <= range.last && range.last < range.length ? std::optional(range) : std::nullopt;
}

/// By what the rest was asked for with: an answer that does not say it may be of any version. RFC 9110 section 15.3.7
/// wants the tag in each 206. Beside the tag a server need not say the date again.
bool is_same_version(const AnswerHeader& answer, const ImageVersion& version) {
  const bool is_date_left_out = answer.last_modified.empty() && !version.etag.empty();
  return answer.etag == version.etag && (is_date_left_out || answer.last_modified == version.last_modified);
}

}  // namespace

ImageVersion version_of(std::string url, const AnswerHeader& answer, std::optional<std::uint64_t> length) {
  return {std::move(url), if_range_of(answer), answer.etag, answer.last_modified, length};
}

std::optional<std::uint64_t> length_in_rest(const AnswerHeader& answer, const ImageVersion& version,
                                            std::uint64_t from) {
  if (is_encoded(answer) || ascii_lower(answer.content_type).starts_with("multipart/")) return std::nullopt;
  if (!is_same_version(answer, version)) return std::nullopt;
  const auto range = parse_content_range(answer.content_range);
  if (!range || range->first != from || version.length.value_or(range->length) != range->length) return std::nullopt;
  return range->length;
}

}  // namespace doutu

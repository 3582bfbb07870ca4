#include "downloader/ledger/ledger_values.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>

#include "shared/base/escape.h"

namespace doutu {

std::optional<std::string_view> text_or_null(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string> name_or_null(Cause cause, int http_status) {
  if (cause == Cause::none) return std::nullopt;
  return cause_name(cause, http_status);
}

std::int64_t mark_of(std::string_view text) {
  constexpr std::uint64_t kBits = 0x7fff;
  return static_cast<std::int64_t>(XXH3_64bits(text.data(), text.size()) & kBits);
}

bool has_mark_of(const Statement& row, int column, std::string_view text) {
  return !row.is_null(column) && (row.integer(column) == kNoMark || row.integer(column) == mark_of(text));
}

Content content_in(const Statement& row, int first_column) {
  return {.bytes = row.as<std::uint64_t>(first_column),
          .xxh128 = array_in<Xxh128>(row.bytes(first_column + 1)),
          .sha256 = array_in<Sha256>(row.bytes(first_column + 2))};
}

std::int64_t mark_of_end(std::int64_t image, std::string_view file) {
  constexpr std::int64_t kOfFile = 0x7fff / kMarkOfId;
  return mark_of(file) % kOfFile * kMarkOfId + image % kMarkOfId;
}

ReferrerPolicy referrer_policy_at(const Statement& row, int column) {
  return referrer_policy_from_number(row.as<std::uint64_t>(column)).value_or(ReferrerPolicy{});
}

Error damaged_url(std::int64_t image) {
  return {fmt::format("the URL of image {} is another than the one that was found", image), EBADMSG};
}

Status check_file_name(const std::string& name) {
  const bool is_segment =
      !name.empty() && name != "." && name != ".." && name.find_first_of({"/\0", 2}) == std::string::npos;
  if (is_segment) return {};
  return Error{fmt::format("the ledger has an image with the invalid file name \"{}\"", escape_for_terminal(name)),
               EBADMSG};
}

}  // namespace doutu

// How the columns of the ledger and the values of the program stand for each other, where several tables need it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "downloader/store/content.h"
#include "shared/base/cause.h"
#include "shared/base/result.h"
#include "shared/ledger/sqlite.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

/// The column of an empty text is NULL.
[[nodiscard]] std::optional<std::string_view> text_or_null(const std::string& text);
/// The column of Cause::none is NULL.
[[nodiscard]] std::optional<std::string> name_or_null(Cause cause, int http_status);

/// nullopt: the column is NULL, or not of this size.
template <class Array>
[[nodiscard]] std::optional<Array> array_in(std::span<const std::byte> column) {
  Array array{};
  if (column.size() != array.size()) return std::nullopt;
  std::ranges::copy(column, array.begin());
  return array;
}
template <std::size_t kSize>
[[nodiscard]] std::optional<std::span<const std::byte>> bytes_or_null(
    const std::optional<std::array<std::byte, kSize>>& bytes) {
  return bytes ? std::optional<std::span<const std::byte>>(*bytes) : std::nullopt;
}

/// What column mark has when nothing is known: in rows of an older version. NULL is damage.
inline constexpr std::int64_t kNoMark = -1;
/// What column mark has of a text, 15 bits: three bytes of a row.
[[nodiscard]] std::int64_t mark_of(std::string_view text);
/// Whether the column has the mark of the text, or kNoMark.
[[nodiscard]] bool has_mark_of(const Statement& row, int column, std::string_view text);

/// Of three columns of the row, the first of which is this: bytes, xxh128, sha256.
[[nodiscard]] Content content_in(const Statement& row, int first_column);

/// What column mark of ended has; what it is by kMarkOfId is of the id alone, so that a statement can ask whether an id
/// is another one by a bit: no power of two is a multiple of that.
[[nodiscard]] std::int64_t mark_of_end(std::int64_t image, std::string_view file);
inline constexpr std::int64_t kMarkOfId = 31;

/// What no version writes stands for the default.
[[nodiscard]] ReferrerPolicy referrer_policy_at(const Statement& row, int column);

/// The image has another URL than it was found with.
[[nodiscard]] Error damaged_url(std::int64_t image);

/// A ledger that somebody else wrote may say anything; no name leads out of the folder.
[[nodiscard]] Status check_file_name(const std::string& name);

}  // namespace doutu

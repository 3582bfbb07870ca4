// How the columns of the ledger and the values of the program stand for each other, where several tables need it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "downloader/store/content.h"
#include "shared/base/cause.h"
#include "shared/base/result.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

/// The column of an empty text is NULL.
[[nodiscard]] std::optional<std::string_view> text_or_null(const std::string& text);
/// The column of Cause::none is NULL.
[[nodiscard]] std::optional<std::string> name_or_null(Cause cause, int http_status);

/// Of these two columns of the row.
[[nodiscard]] Content content_in(const Statement& row, int bytes, int sha256);

/// A ledger that somebody else wrote may say anything; no name leads out of the folder.
[[nodiscard]] Status check_file_name(const std::string& name);

}  // namespace doutu

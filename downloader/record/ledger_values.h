// How the ledger's rows and the values of the program stand for each other, where both sides of LedgerWriter need it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/cause.h"
#include "shared/base/result.h"
#include "shared/ledger/schema.h"

namespace doutu {

/// The column of an empty text is NULL.
[[nodiscard]] std::optional<std::string_view> text_or_null(const std::string& text);
/// The column of Cause::none is NULL.
[[nodiscard]] std::optional<std::string> name_or_null(Cause cause, int http_status);

/// The counter for images in this state.
[[nodiscard]] std::uint64_t& count_of(JobCounters& counters, ImageState state);

/// A ledger that somebody else wrote may say anything; no name leads out of the folder.
[[nodiscard]] Status check_file_name(const std::string& name);

}  // namespace doutu

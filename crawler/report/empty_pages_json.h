// EmptyPageList as report.json and status.json have it: one form for both. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crawler/report/empty_pages.h"

namespace doutu {

/// null where no page was empty.
[[nodiscard]] nlohmann::ordered_json to_json(const EmptyPageList& list);
/// What is missing or of another type is as in an empty list: anybody may have edited the file.
[[nodiscard]] EmptyPageList empty_pages_in(const nlohmann::ordered_json& json);

}  // namespace doutu

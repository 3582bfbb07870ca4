// The counters of pages and images as report.json and status.json have them: one form for both. The sum of "outcomes"
// is "asked" for pages and "found" for images; more outcomes may come. Pure; any thread.
//   pages   {"asked": 76, "outcomes": {"done": 70, "empty": 2, "failed": 3, "robots": 0, "pending": 1}}
//   images  {"found": 12, "outcomes": {"saved": 7, "known": 1, "duplicate_link": 2, "duplicate_file": 1, "skipped": 0,
//            "failed": 1, "robots": 0, "pending": 0}}
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crawler/plan/page_counters.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/ledger/schema.h"

namespace doutu {

[[nodiscard]] nlohmann::ordered_json to_json(const PageCounters& pages);
[[nodiscard]] nlohmann::ordered_json to_json(const LinksNotFollowed& links);
[[nodiscard]] nlohmann::ordered_json to_json(const JobCounters& images);
/// What is missing or of another type counts as 0: anybody may have edited the file. Pages of which more are settled
/// than were asked for are all 0.
[[nodiscard]] PageCounters page_counters_in(const nlohmann::ordered_json& json);
[[nodiscard]] LinksNotFollowed links_not_followed_in(const nlohmann::ordered_json& json);
[[nodiscard]] JobCounters image_counters_in(const nlohmann::ordered_json& json);

}  // namespace doutu

// DIR/.doutu/status.json: what a crawl is doing, for `doutu status` and for programs. The parent replaces it in one
// step at most twice a second while it runs, and a last time, with how it ended, when its report is written; one that
// says a crawl is at work although nobody holds the folder's lock was left by a crawl that was killed. `doutu status
// --json` prints the same form for crawls that run and those that ended.
//
// One line of ASCII; of URLs the password is "***". Names stay; more may come. "schema" rises when one changes its
// meaning.
//   {"schema": 1,
//    "state": "running",                   see CrawlState
//    "directory": "/home/me/img", "job": 1, "pid": 4711 (null: none),
//    "spec": {"template": "https://…{page}", "pages": "1-76", "xpaths": ["//img/@src"]},
//    "updated_ms": 1700000000000,          since 1970: when this was true
//    "seconds": 125.3,                     of this run
//    "pages": {…}, "images": {…, "in_flight": 20},  see counters_json.h
//    "bytes": 12900000,
//    "failures": {"http-503": 12},         pages and images
//    "per_second": {"pages": 0.2, "images": 56.1, "bytes": 1258291.0},  over the last ten seconds
//    "seconds_left": 370.0 (null: cannot be told),
//    "bottleneck": "image-politeness",     see Bottleneck
//    "back_off": {"reason": "throttled" (null: by our own rules), "seconds": 12.5} (null: none that is known)
//    "stale_seconds": 0.0,                 more: so long ago, of a crawl that should say something twice a second
//    "processes": [{"name": "fetcher 1", "pid": 4712 (null: none), "state": "fetching", "restarts": 0, "seconds": 3.1,
//                   "url": "https://…" (null: none), "in_flight": 0}]}
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crawler/report/crawl_snapshot.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"

namespace doutu {

[[nodiscard]] std::string status_json(const CrawlSnapshot& snapshot);
/// nullopt for what is no such object, or of a crawl that ended before 0.1.0. What is missing, of another type or out
/// of range is as in new CrawlSnapshot.
[[nodiscard]] std::optional<CrawlSnapshot> parse_status(std::string_view json);

inline constexpr const char* kStatusName = "status.json";
/// Replaces the file, or leaves it as it is: a full disk costs news, never the crawl.
Status write_status(const StateFolder& folder, const CrawlSnapshot& snapshot);
/// nullopt: there is none, or it cannot be read.
[[nodiscard]] std::optional<CrawlSnapshot> read_status(const StateFolder& folder);
void remove_status(const StateFolder& folder);

}  // namespace doutu

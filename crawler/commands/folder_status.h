// What the crawl in a folder is doing, or did, as seen from outside: for `doutu status`. It makes, changes and locks
// nothing in the folder. While somebody works there it does not read the ledger, so that the ledger's WAL can be reset.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "crawler/report/crawl_snapshot.h"
#include "crawler/report/report.h"
#include "shared/base/result.h"

namespace doutu {

struct FolderStatus {
  CrawlSnapshot snapshot;
  std::map<std::string, CauseCounters> failures;  ///< With examples; empty while a crawl runs.
};

/// While the lock is held: what status.json says (at most half a second old). After an end that was reported: the same,
/// with the examples of failures.jsonl. Otherwise (killed, or of a version that wrote no status.json): the ledger as it
/// is, the failures in it counted. nullopt: there was no crawl. Error: there is one that cannot be read.
Result<std::optional<FolderStatus>> look_at_folder(const std::string& directory);

}  // namespace doutu

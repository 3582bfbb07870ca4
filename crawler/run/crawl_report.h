// The report of a run: what the ledger has of the job, now that nobody writes there. The parent's thread.
#pragma once

#include "crawler/report/crawl_snapshot.h"
#include "crawler/report/report.h"
#include "crawler/run/crawl.h"
#include "crawler/run/crawl_start.h"
#include "shared/base/result.h"

namespace doutu {

/// Writes failures.jsonl on the way.
[[nodiscard]] Result<Report> report_of(const CrawlStart& start, const CrawlEnd& end, double took);

/// The rates are those of the whole run, as the counters of the job and what they had at the start tell.
[[nodiscard]] CrawlSnapshot last_snapshot(const CrawlStart& start, const Report& report);

}  // namespace doutu

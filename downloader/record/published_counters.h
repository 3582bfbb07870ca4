// publish_counters(): the job's counters and the causes of its failures, as the last commit left them, to the stats
// page, where the parent reads them. The ledger thread.
#pragma once

#include "downloader/record/ledger_writer.h"
#include "shared/process/stats_page.h"

namespace doutu {

void publish_counters(const LedgerWriter& ledger, StatsPage& stats);

}  // namespace doutu

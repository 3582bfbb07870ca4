// publish_counters(): the job's counters and the causes of its failures, as the last commit left them, to the stats
// page, where the parent reads them. The ledger thread.
#pragma once

#include "downloader/ledger/current_job.h"
#include "shared/process/stats_page.h"

namespace doutu {

void publish_counters(const CurrentJob& job, StatsPage& stats);

}  // namespace doutu

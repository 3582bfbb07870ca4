// What `doutu probe` does from the first check to the exit status. The parent's thread.
#pragma once

#include "crawler/command_line/command_line.h"

namespace doutu {

/// Has a page fetcher get the page and look at it (doutu-fetcher --probe), and prints what it says. Returns the exit
/// status: that of the report (probe_report.h), 2 for wrong use, 1 when the fetcher could not be asked.
int run_probe(ProbeCommand command);

}  // namespace doutu

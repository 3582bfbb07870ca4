// What `doutu crawl` and `doutu demo` do from the first check to the exit status. The parent's thread.
#pragma once

#include "crawler/command_line/command_line.h"

namespace doutu {

/// Start, run, report. Returns the exit status.
int run_crawl(CrawlCommand command);

/// The same against the demo site, which is started for it and ends with it.
int run_demo(DemoCommand command);

}  // namespace doutu

// What `doutu status` does. A process of its own that starts no other.
#pragma once

#include "crawler/command_line/command_line.h"

namespace doutu {

/// 0: it could tell. 1: no crawl there, or it cannot be read, or nobody reads what --watch prints. 2: there is no such
/// folder.
int run_status(const StatusCommand& command);

}  // namespace doutu

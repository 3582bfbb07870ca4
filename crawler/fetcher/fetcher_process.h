// The program doutu-fetcher: answers the parent on the control channel, one page at a time, until the channel ends. Two
// threads: this one works; the watch beats in the stats page and ends the process as soon as the parent is gone. Before
// either begins, the process is confined (shared/sandbox).
#pragma once

#include <span>

namespace doutu {

/// Exit status: 0 when the parent closed the channel, 1 when something is wrong that no page explains (it is logged), 2
/// for wrong use. With `--site-address HOST`: "private" when the host's addresses are, else "open". With `--probe`:
/// configure and fetch_page come on the control channel; probe_page()'s answer goes to stdout.
int run_fetcher(std::span<char* const> arguments);

}  // namespace doutu

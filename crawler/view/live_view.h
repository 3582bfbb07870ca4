// The view of a crawl on a terminal: a snapshot in, lines out. No clock, no terminal; screen.h puts the lines there.
//
//   pages   ███████████▍░░░░░░░░░░░░░░░░░░░░  27/76   36 %   1 empty
//   images  ███████▋░░░░░░░░░░░░░░░░░░░░░░░░  1,234/~5,168   24 %   56/s
//   time    2 min 05 s   about 6 min 10 s left   waiting for the network
//   failed  12 http-503, 3 timeout
//   bytes   12.3 MiB   1.2 MiB/s   84 duplicate links
//   fetcher 1    4711  fetching    3 s  https://example.com/list?page=28
//   downloader   4715  20 in flight
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "crawler/report/crawl_snapshot.h"
#include "crawler/view/columns.h"

namespace doutu {

enum class Color { no, yes };

struct ViewStyle {
  std::size_t columns = 80;  ///< Of the terminal; no line takes the last one, which would wrap on some.
  std::size_t rows = 24;     ///< Of the terminal; the view takes at most rows - 2: one for the log, one for the cursor.
  Charset charset = Charset::ascii;
  Color color = Color::no;
};

/// At least one line. When rows are few: fewer processes (the last line says how many more there are), then fewer
/// others. Text of others is escaped and cut; with Color::yes lines have SGR sequences (ECMA-48 8.3.117), nothing else.
[[nodiscard]] std::vector<std::string> live_view(const CrawlSnapshot& snapshot, const ViewStyle& style);

/// "12 http-503, 3 timeout, 2 others": the most frequent causes first, at most `shown` of them.
[[nodiscard]] std::string failures_in_short(const std::map<std::string, std::uint64_t>& failures, std::size_t shown);

}  // namespace doutu

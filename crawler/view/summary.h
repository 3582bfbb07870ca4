// A crawl in a few lines for people: at the end of `doutu crawl`, and by `doutu status` when nobody works in the
// folder. Values in, plain text out: escaped, no colours, every line ends with a newline. Any thread.
#pragma once

#include <map>
#include <string>

#include "crawler/report/crawl_snapshot.h"
#include "crawler/report/report.h"
#include "crawler/view/text_layout.h"

namespace doutu {

/// Which pages had no images, if that is odd; what was asked, what came, what did not and why (each cause with an
/// example), how long and how fast it was, where it is, and the next step. The speed is left out when it is 0.
///
///   2 of 76 pages had no images: pages 75-76, all redirected to /login
///   Finished with failures after 12.3 s.
///     request   pages 1-76 of https://example.com/list?page={page}
///     xpath     //img/@src
///     pages     76 in all, 73 with images, 2 without, 1 failed
///     found     5,096 images: 5,000 saved (20.9 MiB), 84 duplicate links, 12 failed
///     speed     406 images/s, 1.7 MiB/s
///     failed    12 x http-503 (the server answered 503), for example
///               https://example.com/a.jpg
///     folder    img
///     report    img/.doutu/report.json
///   Next: 12 images failed with 503; run the same command again to retry.
[[nodiscard]] std::string summary(const CrawlSnapshot& snapshot, const std::map<std::string, CauseCounters>& failures,
                                  const TextLayout& layout = {});

/// The same in one line, without what came: "img: Finished with failures after 12.3 s. Next: 12 images failed with 503;
/// run the same command again to retry." why: what ended it early, escaped; empty: pages without images, if there are
/// some.
[[nodiscard]] std::string summary_line(const CrawlSnapshot& snapshot,
                                       const std::map<std::string, CauseCounters>& failures,
                                       const std::string& why = {});

/// The sentences after "Next: ", empty when there is nothing left to do.
[[nodiscard]] std::string next_step(const CrawlSnapshot& snapshot,
                                    const std::map<std::string, CauseCounters>& failures);

/// A report as a snapshot.
[[nodiscard]] CrawlSnapshot snapshot_of(const Report& report, const JobSpec& spec, const std::string& directory);

}  // namespace doutu

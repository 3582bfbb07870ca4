// The progress line, and the rates in it: values in, text out. No clock, no terminal. The parent's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "crawler/report/crawl_snapshot.h"
#include "shared/base/clock.h"

namespace doutu {

/// "pages 12/76 (1 failed)  images 1,234 (56/s, 12.3 MiB, 3 failed, 80 to go, 20 in flight)  6 min 05 s left  waiting
/// for the network". ASCII only.
[[nodiscard]] std::string progress_line(const CrawlSnapshot& snapshot);

/// Something per second over the last so many seconds.
class RateMeter {
 public:
  explicit RateMeter(seconds window = seconds(10)) : window_(window) {}

  /// total never falls within a run; a fall (another downloader) starts the measure again.
  void add(MonoTime now, std::uint64_t total);
  [[nodiscard]] double per_second() const;

 private:
  struct Sample {
    MonoTime time;
    std::uint64_t total = 0;
  };
  seconds window_;
  std::deque<Sample> samples_;  ///< At most 53; the first is about a window older than the last.
};

}  // namespace doutu

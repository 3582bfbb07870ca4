// The progress line: values in, text out. No clock, no terminal. The parent's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "shared/base/clock.h"

namespace doutu {

/// The crawl at one moment, from the page plan and the stats pages.
struct ProgressFigures {
  std::uint64_t pages_asked = 0;
  std::uint64_t pages_done = 0;    ///< Recorded: with images, empty or failed.
  std::uint64_t pages_failed = 0;  ///< Of these.

  std::uint64_t images_saved = 0;  ///< In this account: saved and duplicates.
  std::uint64_t images_known = 0;
  std::uint64_t images_failed = 0;
  std::uint64_t images_pending = 0;
  std::uint64_t bytes = 0;

  std::uint32_t in_flight = 0;
  bool disk_full = false;
};

/// "pages 12/76 (1 failed)  images 1,234 (56/s, 12.3 MiB, 3 failed, 80 to go, 20 in flight)". With a width other than
/// 0, cut to so many columns. ASCII only.
[[nodiscard]] std::string progress_line(const ProgressFigures& figures, double images_per_second,
                                        std::size_t width = 0);

/// Images per second over the last ten seconds or so.
class RateMeter {
 public:
  /// total never falls within a run; a fall (another account) starts the measure again.
  void add(MonoTime now, std::uint64_t total);
  [[nodiscard]] double per_second() const;

 private:
  struct Sample {
    MonoTime time;
    std::uint64_t total = 0;
  };
  std::deque<Sample> samples_;  ///< At most 100; the first is about ten seconds older than the last.
};

/// "0", "999", "1,234,567".
[[nodiscard]] std::string human_count(std::uint64_t count);
/// "0 B", "1023 B", "1.0 KiB", "20.9 MiB".
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "0.3 s", "12.3 s", "4 min 05 s", "2 h 03 min".
[[nodiscard]] std::string human_seconds(double elapsed);
/// "1 page", "2 pages".
[[nodiscard]] std::string human_number_of(std::uint64_t count, std::string_view noun);

}  // namespace doutu

// CrawlView: shows a crawl while it runs: by the view on a terminal or by a plain line now and then, and in
// status.json. All of these are functions of a snapshot (live_view.h, progress.h, status_file.h). CrawlView decides
// when. The parent's thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "crawler/report/bottleneck.h"
#include "crawler/report/crawl_snapshot.h"
#include "crawler/view/cpu_meter.h"
#include "crawler/view/crawl_log.h"
#include "crawler/view/progress.h"
#include "shared/folder/state_folder.h"

namespace doutu {

class CrawlView {
 public:
  /// At most ten views a second, a plain line every 30 s, status.json at most twice a second and when the state
  /// changes.
  static constexpr milliseconds kFrame{100};
  static constexpr seconds kPlainLine{30};
  static constexpr milliseconds kStatus{500};
  /// What the time left is computed from.
  static constexpr seconds kSteady{60};

  /// Both outlive this.
  CrawlView(CrawlLog& log, const StateFolder& folder);

  /// What the crawl knows. Rates, time left and what it waits for are added here (signs.cpu_share too).
  void update(CrawlSnapshot snapshot, BottleneckSigns signs, MonoTime now);
  /// The crawl stops here, for how long nobody knows: says so in status.json and measures anew when it goes on.
  void suspend(CrawlSnapshot snapshot);

 private:
  struct Meters {
    RateMeter pages, images, bytes;                           ///< Over ten seconds: to be shown.
    RateMeter steady_pages{kSteady}, steady_images{kSteady};  ///< The time left is computed from them.
    CpuMeter cpu;
    BottleneckMeter waits;
  };
  void complete(CrawlSnapshot& snapshot, BottleneckSigns signs, MonoTime now);
  void measure(const CrawlSnapshot& snapshot, MonoTime now);
  [[nodiscard]] std::optional<double> seconds_left(const CrawlSnapshot& snapshot) const;
  void draw(const CrawlSnapshot& snapshot, MonoTime now);
  void write_plain_line(const CrawlSnapshot& snapshot, MonoTime now);
  void write_status_file(const CrawlSnapshot& snapshot, MonoTime now);

  CrawlLog& log_;
  const StateFolder& folder_;
  const Charset charset_;
  Meters meters_;
  MonoTime next_frame_{}, next_whole_{}, next_line_{}, next_status_{};
  TerminalSize drawn_size_;
  std::optional<CrawlState> written_state_;
};

}  // namespace doutu

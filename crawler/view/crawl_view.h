// CrawlView: shows a crawl while it runs: in the view on a terminal or by a plain line now and then, and in
// status.json. What it shows are functions of figures (live_view.h, progress.h, status_file.h); this says when. The
// parent's thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "crawler/crawl_log.h"
#include "crawler/view/cpu_meter.h"
#include "crawler/view/figures.h"
#include "crawler/view/progress.h"
#include "crawler/view/waits_for.h"

namespace doutu {

class CrawlView {
 public:
  /// At most ten views a second, a plain line every 30 s, status.json at most twice a second and when the state
  /// changes.
  static constexpr milliseconds kFrame{100};
  static constexpr seconds kPlainLine{30};
  static constexpr milliseconds kStatus{500};

  explicit CrawlView(CrawlLog& log);

  /// What the crawl knows. Rates, time left and what it waits for are added here (signs.cpu_share too).
  void update(CrawlFigures figures, WaitSigns signs, MonoTime now);

 private:
  void complete(CrawlFigures& figures, WaitSigns signs, MonoTime now);
  void draw(const CrawlFigures& figures, MonoTime now);
  void write_plain_line(const CrawlFigures& figures, MonoTime now);
  void write_status_file(const CrawlFigures& figures, MonoTime now);

  CrawlLog& log_;
  const Charset charset_;
  RateMeter pages_, images_, bytes_;        ///< Over ten seconds: to be shown.
  RateMeter steady_pages_, steady_images_;  ///< Over a minute: the time left is computed from them.
  CpuMeter cpu_;
  WaitMeter waits_;
  MonoTime next_frame_{}, next_whole_{}, next_line_{}, next_status_{};
  TerminalSize drawn_size_;
  std::optional<CrawlState> written_state_;
};

}  // namespace doutu

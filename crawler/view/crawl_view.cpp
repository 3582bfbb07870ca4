#include "crawler/view/crawl_view.h"

#include <unistd.h>

#include "crawler/report/status_file.h"
#include "crawler/view/live_view.h"

namespace doutu {
namespace {

/// How soon a terminal that others wrote to is whole again.
constexpr seconds kWhole{1};

}  // namespace

CrawlView::CrawlView(CrawlLog& log, const StateFolder& folder)
    : log_(log), folder_(folder), charset_(charset_of_environment()) {}

void CrawlView::update(CrawlFigures figures, WaitSigns signs, MonoTime now) {
  complete(figures, signs, now);
  if (log_.view() == CrawlLog::View::redrawn) draw(figures, now);
  if (log_.view() == CrawlLog::View::plain) write_plain_line(figures, now);
  write_status_file(figures, now);
}

void CrawlView::suspend(CrawlFigures figures) {
  figures.state = CrawlState::suspended;
  (void)write_status(folder_, figures);
  meters_ = Meters();
  next_status_ = {};
}

void CrawlView::complete(CrawlFigures& figures, WaitSigns signs, MonoTime now) {
  measure(figures, now);
  figures.pages_per_second = meters_.pages.per_second();
  figures.images_per_second = meters_.images.per_second();
  figures.bytes_per_second = meters_.bytes.per_second();
  std::vector<pid_t> processes = {::getpid()};
  for (const ProcessFigures& process : figures.processes) {
    if (process.pid != 0) processes.push_back(process.pid);
  }
  signs.cpu_share = meters_.cpu.share(processes, now);
  meters_.waits.add(waits_for(signs));
  figures.waits_for = meters_.waits.now();
  if (figures.waits_for == WaitsFor::image_politeness) figures.sparing = signs.image_servers;
  if (figures.waits_for == WaitsFor::page_politeness) figures.sparing = signs.page_server;
  figures.seconds_left = seconds_left(figures);
}

void CrawlView::measure(const CrawlFigures& figures, MonoTime now) {
  const AccountTally& images = figures.images;
  const std::uint64_t pages_done = figures.pages.asked - figures.pages.pending();
  meters_.pages.add(now, pages_done);
  meters_.steady_pages.add(now, pages_done);
  if (images.found() == 0) return;  // there is nothing to measure yet
  meters_.images.add(now, images.saved + images.duplicate);
  meters_.steady_images.add(now, images.saved + images.duplicate + images.failed);
  meters_.bytes.add(now, images.bytes);
}

/// Not while servers hold up what is left: what came before says nothing then.
std::optional<double> CrawlView::seconds_left(const CrawlFigures& figures) const {
  if (figures.state == CrawlState::starting) return std::nullopt;
  const auto left =
      time_left(figures.pages, figures.images, meters_.steady_pages.per_second(), meters_.steady_images.per_second());
  const Sparing& sparing = figures.sparing;
  const bool held_up = sparing.reason != ImageWait::none && sparing.reason != ImageWait::gap;
  const bool stands = figures.images_per_second <= 0 && figures.pages_per_second <= 0;
  return held_up && (stands || left < sparing.seconds) ? std::nullopt : left;
}

void CrawlView::draw(const CrawlFigures& figures, MonoTime now) {
  if (now < next_frame_) return;
  next_frame_ = now + kFrame - kFrame / 10;  // the ticks of the caller may come a little early
  const TerminalSize size = log_.terminal_size();
  const bool whole = now >= next_whole_ || size != drawn_size_;
  if (whole) next_whole_ = now + kWhole;
  drawn_size_ = size;
  log_.draw(live_view(figures, {size.columns, size.rows, charset_, log_.color()}),
            whole ? Screen::Repaint::all : Screen::Repaint::changed);
}

void CrawlView::write_plain_line(const CrawlFigures& figures, MonoTime now) {
  if (next_line_ == MonoTime{}) next_line_ = now + kPlainLine;
  if (now < next_line_) return;
  next_line_ = now + kPlainLine;
  log_.show_progress(progress_line(figures));
}

void CrawlView::write_status_file(const CrawlFigures& figures, MonoTime now) {
  if (now < next_status_ && written_state_ == figures.state) return;
  next_status_ = now + kStatus;
  written_state_ = figures.state;
  (void)write_status(folder_, figures);  // news only: a disk that is full is said elsewhere
}

}  // namespace doutu

#include "crawler/view/crawl_view.h"

#include <unistd.h>

#include <cstdlib>

#include "crawler/status/status_file.h"
#include "crawler/view/live_view.h"

namespace doutu {
namespace {

constexpr seconds kSteady{60};
/// How soon a terminal that others wrote to is whole again.
constexpr seconds kWhole{1};

const char* environment(const char* name) { return std::getenv(name); }

}  // namespace

CrawlView::CrawlView(CrawlLog& log)
    : log_(log), charset_(charset_of_locale(environment)), steady_pages_(kSteady), steady_images_(kSteady) {}

void CrawlView::update(CrawlFigures figures, WaitSigns signs, MonoTime now) {
  complete(figures, signs, now);
  if (log_.view() == CrawlLog::View::redrawn) draw(figures, now);
  if (log_.view() == CrawlLog::View::plain) write_plain_line(figures, now);
  write_status_file(figures, now);
}

void CrawlView::complete(CrawlFigures& figures, WaitSigns signs, MonoTime now) {
  const AccountTally& images = figures.images;
  pages_.add(now, figures.pages.asked - figures.pages.pending());
  steady_pages_.add(now, figures.pages.asked - figures.pages.pending());
  if (images.found() > 0) {  // before, there is nothing to measure
    images_.add(now, images.saved + images.duplicate);
    steady_images_.add(now, images.saved + images.duplicate + images.failed);
    bytes_.add(now, images.bytes);
  }
  figures.pages_per_second = pages_.per_second();
  figures.images_per_second = images_.per_second();
  figures.bytes_per_second = bytes_.per_second();
  if (figures.state != CrawlState::starting) {
    figures.seconds_left = time_left(figures.pages, images, steady_pages_.per_second(), steady_images_.per_second());
  }

  std::vector<pid_t> processes = {::getpid()};
  for (const ProcessFigures& process : figures.processes) {
    if (process.pid != 0) processes.push_back(process.pid);
  }
  signs.cpu_share = cpu_.share(processes, now);
  waits_.add(waits_for(signs));
  figures.waits_for = waits_.now();
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
  (void)write_status(figures.directory, figures);  // news only: a disk that is full is said elsewhere
}

}  // namespace doutu

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

void CrawlView::update(CrawlSnapshot snapshot, BottleneckSigns signs, MonoTime now) {
  complete(snapshot, signs, now);
  if (log_.view() == CrawlLog::View::redrawn) draw(snapshot, now);
  if (log_.view() == CrawlLog::View::plain) write_plain_line(snapshot, now);
  write_status_file(snapshot, now);
}

void CrawlView::suspend(CrawlSnapshot snapshot) {
  snapshot.state = CrawlState::suspended;
  (void)write_status(folder_, snapshot);
  meters_ = Meters();
  next_status_ = {};
}

void CrawlView::complete(CrawlSnapshot& snapshot, BottleneckSigns signs, MonoTime now) {
  measure(snapshot, now);
  snapshot.pages_per_second = meters_.pages.per_second();
  snapshot.images_per_second = meters_.images.per_second();
  snapshot.bytes_per_second = meters_.bytes.per_second();
  std::vector<pid_t> processes = {::getpid()};
  for (const ProcessSnapshot& process : snapshot.processes) {
    if (process.pid != 0) processes.push_back(process.pid);
  }
  signs.cpu_share = meters_.cpu.share(processes, now);
  meters_.waits.add(bottleneck(signs));
  snapshot.bottleneck = meters_.waits.now();
  if (snapshot.bottleneck == Bottleneck::image_politeness) snapshot.back_off = signs.image_servers;
  if (snapshot.bottleneck == Bottleneck::page_politeness) snapshot.back_off = signs.page_server;
  snapshot.seconds_left = seconds_left(snapshot);
}

void CrawlView::measure(const CrawlSnapshot& snapshot, MonoTime now) {
  const JobCounters& images = snapshot.images;
  const std::uint64_t pages_done = snapshot.pages.asked - snapshot.pages.pending();
  meters_.pages.add(now, pages_done);
  meters_.steady_pages.add(now, pages_done);
  if (images.found() == 0) return;  // there is nothing to measure yet
  meters_.images.add(now, images.saved + images.duplicate);
  meters_.steady_images.add(now, images.saved + images.duplicate + images.failed);
  meters_.bytes.add(now, images.bytes);
}

/// Not while servers hold up what is left: what came before says nothing then.
std::optional<double> CrawlView::seconds_left(const CrawlSnapshot& snapshot) const {
  if (snapshot.state == CrawlState::starting || snapshot.pages.may_grow) return std::nullopt;
  const auto left =
      time_left(snapshot.pages, snapshot.images, meters_.steady_pages.per_second(), meters_.steady_images.per_second());
  const BackOff& back_off = snapshot.back_off;
  const bool held_up = back_off.reason != ImageWait::none && back_off.reason != ImageWait::gap;
  const bool stands = snapshot.images_per_second <= 0 && snapshot.pages_per_second <= 0;
  return held_up && (stands || left < back_off.seconds) ? std::nullopt : left;
}

void CrawlView::draw(const CrawlSnapshot& snapshot, MonoTime now) {
  if (now < next_frame_) return;
  next_frame_ = now + kFrame - kFrame / 10;  // the ticks of the caller may come a little early
  const TerminalSize size = log_.terminal_size();
  const bool whole = now >= next_whole_ || size != drawn_size_;
  if (whole) next_whole_ = now + kWhole;
  drawn_size_ = size;
  log_.draw(live_view(snapshot, {size.columns, size.rows, charset_, log_.color()}),
            whole ? Screen::Repaint::all : Screen::Repaint::changed);
}

void CrawlView::write_plain_line(const CrawlSnapshot& snapshot, MonoTime now) {
  if (next_line_ == MonoTime{}) next_line_ = now + kPlainLine;
  if (now < next_line_) return;
  next_line_ = now + kPlainLine;
  log_.show_progress(progress_line(snapshot));
}

void CrawlView::write_status_file(const CrawlSnapshot& snapshot, MonoTime now) {
  if (now < next_status_ && written_state_ == snapshot.state) return;
  next_status_ = now + kStatus;
  written_state_ = snapshot.state;
  (void)write_status(folder_, snapshot);  // news only: a disk that is full is said elsewhere
}

}  // namespace doutu

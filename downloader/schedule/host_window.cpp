#include "downloader/schedule/host_window.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace doutu {

HostWindow::Fate HostWindow::admit(std::int64_t id, std::size_t room) {
  // Rows above the cursor come with a refill, in their order. A failed row of an older job that becomes pending
  // again lies below it: it is held, or the cursor goes back for it.
  if (room > 0 && (!more_ || id <= cursor_)) {
    cursor_ = std::max(cursor_, id);
    return Fate::hold;
  }
  cursor_ = std::min(cursor_, id - 1);
  more_ = true;
  left_meanwhile_ = true;
  return Fate::leave;
}

void HostWindow::ask() {
  asked_ = true;
  left_meanwhile_ = false;
}

void HostWindow::refilled(std::int64_t after_id, std::int64_t last_id, Rest rest) {
  asked_ = false;
  if (after_id > cursor_) return;  // The cursor went back meanwhile; the next refill starts there.
  cursor_ = last_id;
  more_ = rest == Rest::more || left_meanwhile_;
}

void HostWindow::hold(ImageTask task) {
  if (task.not_before > MonoTime{}) {
    delayed_.emplace(task.not_before, std::move(task));
  } else {
    (task.refused.times > 0 ? told_ : queue_).push_back(std::move(task));
  }
}

void HostWindow::hold_first(ImageTask task) {
  if (task.not_before > MonoTime{}) {
    delayed_.emplace(task.not_before, std::move(task));
  } else {
    queue_.push_front(std::move(task));
  }
}

bool HostWindow::has_due(MonoTime now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    ImageTask task = std::move(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    task.refused.times > 0 ? told_.push_back(std::move(task)) : queue_.push_front(std::move(task));
  }
  return !queue_.empty() || !told_.empty();
}

ImageTask HostWindow::take() {
  std::list<ImageTask>& list = is_turn_of_told() ? told_ : queue_;
  const auto place = is_turn_of_last() ? std::prev(list.end()) : list.begin();
  ImageTask task = std::move(*place);
  list.erase(place);
  return task;
}

MonoTime HostWindow::next_due() const { return delayed_.empty() ? MonoTime::max() : delayed_.begin()->first; }

bool HostWindow::next_was_told_to_wait() const {
  return !delayed_.empty() && delayed_.begin()->second.refused.times > 0;
}

}  // namespace doutu

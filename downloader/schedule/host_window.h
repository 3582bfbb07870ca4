// HostWindow: the images of one host that are in memory: a window over its pending rows in the ledger, in the order of
// their ids, and besides those that wait for their next attempt. A value; the frontier holds one per host under its
// mutex. A row is never missed: it is here, or above cursor() with has_more() set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <utility>

#include "downloader/schedule/image_task.h"
#include "shared/politeness/turns.h"

namespace doutu {

class HostWindow {
 public:
  // --- Rows of the ledger.

  enum class Fate { hold, leave };
  /// A row became pending and there is room for so many: hold() it now, or it will come with a refill.
  [[nodiscard]] Fate admit(std::int64_t id, std::size_t room);
  /// The ledger has rows above cursor().
  void expect_more() { more_ = true; }
  /// A refill after cursor() is on its way.
  void ask();
  /// The refill that was asked for after this id came, up to last_id (after_id when it was empty).
  enum class Rest { none, more };
  void refilled(std::int64_t after_id, std::int64_t last_id, Rest rest);
  /// The highest id up to which every pending row was held.
  [[nodiscard]] std::int64_t cursor() const { return cursor_; }
  [[nodiscard]] bool has_more() const { return more_; }
  [[nodiscard]] bool is_asked() const { return asked_; }

  // --- What is held.

  /// Behind the others.
  void hold(ImageTask task);
  /// The host throttles. Images that were told to wait and those that were not take turns (turns.h). The latter come
  /// from the front and from the end in turn.
  void throttled() {
    turns_.throttled();
    if (!turns_.is_of_refused()) takes_last_ = !takes_last_;
  }
  /// In front of the others (but not before task.not_before).
  void hold_first(ImageTask task);
  /// Something may be taken; moves what is due to the front of its list.
  [[nodiscard]] bool has_due(MonoTime now);
  /// Precondition of both: has_due().
  [[nodiscard]] const ImageTask& front() const {
    if (is_turn_of_told()) return told_.front();
    return is_turn_of_last() ? queue_.back() : queue_.front();
  }
  [[nodiscard]] ImageTask take();
  /// When the first image that waits for its next attempt is due; MonoTime::max(): none waits.
  [[nodiscard]] MonoTime next_due() const;
  /// Whether a server told that one to wait.
  [[nodiscard]] bool next_was_told_to_wait() const;
  [[nodiscard]] std::size_t size() const { return queue_.size() + told_.size() + delayed_.size(); }

 private:
  [[nodiscard]] bool is_turn_of_told() const { return !told_.empty() && (queue_.empty() || turns_.is_of_refused()); }
  [[nodiscard]] bool is_turn_of_last() const { return takes_last_ && !is_turn_of_told(); }

  std::list<ImageTask> queue_;
  std::list<ImageTask> told_;  ///< A server told these to wait; they are due.
  Turns turns_;
  bool takes_last_ = false;
  std::multimap<MonoTime, ImageTask> delayed_;
  std::int64_t cursor_ = 0;
  bool more_ = false;            ///< The ledger may have rows above cursor_.
  bool asked_ = false;           ///< A refill is on its way ...
  bool left_meanwhile_ = false;  ///< ... and may not know of a row that was left since.
};

}  // namespace doutu

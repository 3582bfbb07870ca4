// OutcomeQueue: from the transfer loops (any thread) to the ledger thread. Bounded by Frontier::kMaxUncommitted.
#pragma once

#include <vector>

#include "downloader/schedule/frontier.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/mutex.h"
#include "shared/base/unique_fd.h"

namespace doutu {

class OutcomeQueue {
 public:
  OutcomeQueue();

  /// Any thread.
  void push(ImageOutcome outcome);
  /// Any thread: makes wake_fd() readable although nothing came (TransferPool::take_disk_error(), or nothing more
  /// will).
  void wake();

  /// The ledger thread: everything that came since, in order.
  [[nodiscard]] std::vector<ImageOutcome> take_all();
  [[nodiscard]] std::size_t size() const;
  /// After wake_fd() has woken: a signal may come late, when what it was for has been taken.
  void clear_wake();
  /// Readable since something came into an empty queue, or there are Frontier::kFullBatch, until take_all() or
  /// clear_wake().
  [[nodiscard]] int wake_fd() const { return wake_.get(); }

 private:
  // Constant after construction.
  UniqueFd wake_;
  mutable Mutex mutex_;
  std::vector<ImageOutcome> outcomes_ DOUTU_GUARDED_BY(mutex_);
};

}  // namespace doutu

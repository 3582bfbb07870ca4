#include "downloader/transfer/outcome_queue.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace doutu {

OutcomeQueue::OutcomeQueue() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void OutcomeQueue::push(ImageOutcome outcome) {
  std::size_t size = 0;
  {
    const MutexLock lock(mutex_);
    outcomes_.push_back(std::move(outcome));
    size = outcomes_.size();
  }
  if (size == 1 || size == Frontier::kFullBatch) wake();
}

std::vector<ImageOutcome> OutcomeQueue::take_all() {
  clear_wake();
  const MutexLock lock(mutex_);
  return std::exchange(outcomes_, {});
}

std::size_t OutcomeQueue::size() const {
  const MutexLock lock(mutex_);
  return outcomes_.size();
}

void OutcomeQueue::clear_wake() {
  eventfd_t signals = 0;
  ::eventfd_read(wake_.get(), &signals);  // EAGAIN: nobody has signalled.
}

void OutcomeQueue::wake() { ::eventfd_write(wake_.get(), 1); }

}  // namespace doutu

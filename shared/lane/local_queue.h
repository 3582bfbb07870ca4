// LocalQueue: the queue of a lane inside one process, without shared memory. The contract suite runs over it as over a
// lane, and tests of one side use it in place of the other side's process. Thread-safe; each end belongs to one thread,
// and the queue outlives its ends.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "shared/base/mutex.h"
#include "shared/base/result.h"
#include "shared/lane/image_queue.h"
#include "shared/lane/lane_layout.h"
#include "shared/lane/wake_event.h"

namespace doutu {

class LocalQueue {
 public:
  /// Precondition: capacity >= kMinLaneCapacity. Records take as much of it as they take in a lane.
  static Result<std::unique_ptr<LocalQueue>> create(std::size_t capacity = kLaneCapacity);

  std::unique_ptr<ImageProducer> producer();
  /// Begins at what the consumer before it acknowledged.
  std::unique_ptr<ImageConsumer> consumer();

 private:
  class Producer;
  class Consumer;
  struct Stored {
    std::uint64_t end = 0;  ///< Position after it.
    std::vector<std::byte> bytes;
  };

  LocalQueue(std::size_t capacity, WakeEvent data) : capacity_(capacity), data_(std::move(data)) {}

  const std::size_t capacity_;
  const WakeEvent data_;

  Mutex mutex_;
  std::condition_variable changed_;
  std::deque<Stored> unacknowledged_ DOUTU_GUARDED_BY(mutex_);
  std::uint64_t published_ DOUTU_GUARDED_BY(mutex_) = 0;
  std::uint64_t acknowledged_ DOUTU_GUARDED_BY(mutex_) = 0;
  bool sealed_ DOUTU_GUARDED_BY(mutex_) = false;
  bool armed_ DOUTU_GUARDED_BY(mutex_) = false;
};

}  // namespace doutu

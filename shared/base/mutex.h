// Mutex and MutexLock: std::mutex and std::unique_lock, of which clang can check that they are held
// (thread_annotations.h). They cost what those cost.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include "shared/base/clock.h"
#include "shared/base/thread_annotations.h"

namespace doutu {

class DOUTU_CAPABILITY("mutex") Mutex {
 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Holds the mutex for as long as it lives, or until unlock().
class DOUTU_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) DOUTU_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() DOUTU_RELEASE() = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() DOUTU_RELEASE() { lock_.unlock(); }

  /// Waits without the mutex; false: the deadline came first. is_so runs with it: annotate it so.
  template <typename Predicate>
  bool wait_until(std::condition_variable& changed, MonoTime deadline, Predicate is_so) {
    return changed.wait_until(lock_, deadline, std::move(is_so));
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace doutu

// FullDisk: waits for a full disk to have room again, before a crawl's own loop runs and after it has ended. SIGINT and
// SIGTERM end the process meanwhile. The parent's thread.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "shared/base/result.h"
#include "shared/folder/disk_wait.h"

namespace doutu {

class FullDisk {
 public:
  /// limit: --disk-wait, of one wait. say is told when one begins.
  FullDisk(Duration limit, std::function<void(const std::string&)> say) : wait_(limit), say_(std::move(say)) {}

  /// What work() returns, which is tried again each second as long as the disk is full and may be waited for.
  template <class Work>
  auto retry_until_writable(Work work) {
    auto done = work();
    while (!done && is_full_disk(done.error().code) && may_try_again(done.error())) done = work();
    return done;
  }

 private:
  bool may_try_again(const Error& error) {
    const MonoTime now = mono_now();
    const auto outage = wait_.on_disk_error(now);
    if (wait_.is_over(now)) return false;
    if (outage == DiskWait::Outage::begins) say_(error.message + ": waiting until the disk can be written again");
    std::this_thread::sleep_for(DiskWait::kProbeEvery);
    return true;
  }

  DiskWait wait_;
  const std::function<void(const std::string&)> say_;
};

}  // namespace doutu

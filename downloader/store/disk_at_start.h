// DiskAtStart: has patience with the disk before the downloader's loop is there to have it. A downloader that replaces
// another waits for whatever that one waited for; the first of a run says at once why its folder cannot be used, unless
// it is only full. The ledger thread.
#pragma once

#include <poll.h>

#include <cerrno>

#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/folder/disk_wait.h"
#include "shared/process/control.h"
#include "shared/process/stats_page.h"

namespace doutu {

class DiskAtStart {
 public:
  enum class Which { first, replacement };
  DiskAtStart(Which which, const ControlChannel& control, StatsPage& stats, const FolderOptions& folder)
      : which_(which), control_(control), stats_(stats), wait_(folder.disk_wait) {}

  [[nodiscard]] bool waits_for(const Error& error) const {
    return is_full_disk(error.code) || (which_ == Which::replacement && is_disk_error(error.code));
  }

  /// What work() returns, which is tried again each second until --disk-wait is over or the parent is gone.
  template <class Work>
  auto retry_until_writable(Work work) {
    auto done = work();
    while (!done && waits_for(done.error()) && may_try_again(done.error())) done = work();
    if (done) stats_.disk_full.store(0, std::memory_order_relaxed);
    return done;
  }

 private:
  bool may_try_again(const Error& error) {
    const MonoTime now = mono_now();
    if (wait_.on_disk_error(now) == DiskWait::Outage::begins) {
      log_warning("{}: waiting until the disk can be written again", error.message);
    }
    if (wait_.is_over(now)) return false;
    stats_.disk_full.store(1, std::memory_order_relaxed);
    stats_.beats[0].store(to_nanoseconds(now), std::memory_order_relaxed);
    pollfd parent{control_.fd(), 0, 0};
    return ::poll(&parent, 1, static_cast<int>(milliseconds(DiskWait::kProbeEvery).count())) == 0;
  }

  const Which which_;
  const ControlChannel& control_;
  StatsPage& stats_;
  DiskWait wait_;
};

}  // namespace doutu

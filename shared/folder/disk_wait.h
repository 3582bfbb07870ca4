// DiskWait: when a process stops for a full or failing disk, when it looks for room again, and when it gives up. Errors
// less than kQuietPeriod apart belong to one outage. So a disk that has room for a probe but for no image is given up,
// too. A value; it is told the time.
#pragma once

#include <cerrno>
#include <optional>

#include "shared/base/clock.h"

namespace doutu {

[[nodiscard]] inline bool is_full_disk(int code) { return code == ENOSPC || code == EDQUOT; }

/// Whether a write that failed with this errno may succeed later: full, over quota, failing, read-only for a while.
[[nodiscard]] inline bool is_disk_error(int code) { return is_full_disk(code) || code == EIO || code == EROFS; }

/// Whether a file of ours could not be made in .doutu/incoming because of that folder: somebody deleted it, replaced
/// it, or closed it to us.
[[nodiscard]] inline bool is_folder_error(int code) {
  return code == ENOENT || code == ENOTDIR || code == ESTALE || code == EACCES || code == EPERM;
}

/// No image fails for it, as the next one would too.
[[nodiscard]] inline bool concerns_every_image(int code) { return is_disk_error(code) || is_folder_error(code); }

class DiskWait {
 public:
  explicit DiskWait(Duration limit) : limit_(limit) {}

  enum class Outage { begins, goes_on };
  /// Something could not be written.
  Outage on_disk_error(MonoTime now) {
    const bool begins = !since_ || now - last_error_ > kQuietPeriod;
    if (begins) since_ = now;
    last_error_ = now;
    next_probe_ = now + kProbeEvery;
    paused_ = true;
    return begins ? Outage::begins : Outage::goes_on;
  }
  /// A probe could be written.
  void room_again() { paused_ = false; }

  [[nodiscard]] bool is_paused() const { return paused_; }
  [[nodiscard]] bool probe_is_due(MonoTime now) const { return paused_ && now >= next_probe_; }
  [[nodiscard]] bool is_over(MonoTime now) const { return paused_ && now - *since_ >= limit_; }

  static constexpr seconds kProbeEvery{1};
  static constexpr seconds kQuietPeriod{60};

 private:
  const Duration limit_;
  bool paused_ = false;
  std::optional<MonoTime> since_;  ///< Start of the outage.
  MonoTime last_error_{};
  MonoTime next_probe_{};
};

}  // namespace doutu

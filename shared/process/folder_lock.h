// FolderLock: DIR/.doutu/lock, an open-file-description lock (fcntl(2)). The kernel releases it when its process ends,
// however it ends. The parent holds byte 0 as long as it lives, the downloader byte 1. Where only byte 1 is held, an
// orphaned downloader is finishing. Any thread.
#pragma once

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"

namespace doutu {

enum class LockPart : int { crawl = 0, downloader = 1 };
/// Who works in a folder: both parts are the crawl's as long as it holds its own.
enum class LockHolder { nobody, crawl, orphaned_downloader };
enum class LockResult { held, held_by_another };

/// How long a folder is waited for that an orphaned downloader still holds: longer than its finish_wait of 10 s and a
/// checkpoint take, and well under the time after which a child that says nothing counts as dead.
inline constexpr seconds kOrphanWait{15};

class FolderLock {
 public:
  /// Makes the lock file where it is missing. The descriptor is close-on-exec.
  static Result<FolderLock> open(const StateFolder& folder);

  /// Looks without taking or making anything; a folder without a lock file has no holder. Error: there is one that
  /// cannot be opened or asked, so nobody can tell.
  static Result<LockHolder> holder_in(const StateFolder& folder);

  /// Tries to take the part; it is held until release() or the end of this object.
  Result<LockResult> try_take(LockPart part);
  void release(LockPart part);

  /// Waits until the part can be taken, trying every 20 ms.
  Result<LockResult> take(LockPart part, MonoTime deadline);

 private:
  explicit FolderLock(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace doutu

#include "shared/process/folder_lock.h"

#include <fcntl.h>
#include <cerrno>
#include <thread>

namespace doutu {
namespace {

constexpr const char* kName = "lock";

int set_lock(int fd, LockPart part, short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(part);
  range.l_len = 1;
  return ::fcntl(fd, F_OFD_SETLK, &range);
}

Result<bool> is_held(int fd, LockPart part) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(part);
  range.l_len = 1;
  if (::fcntl(fd, F_OFD_GETLK, &range) != 0) return system_error("cannot read the lock of the folder");
  return range.l_type != F_UNLCK;
}

}  // namespace

Result<LockHolder> FolderLock::holder_in(const StateFolder& folder) {
  const auto file = folder.open_for_reading(kName);
  if (!file && file.error().code == ENOENT) return LockHolder::nobody;
  if (!file) return file.error();
  const auto crawl = is_held(file->get(), LockPart::crawl);
  if (!crawl) return crawl.error();
  if (*crawl) return LockHolder::crawl;
  const auto downloader = is_held(file->get(), LockPart::downloader);
  if (!downloader) return downloader.error();
  return *downloader ? LockHolder::orphaned_downloader : LockHolder::nobody;
}

Result<FolderLock> FolderLock::open(const StateFolder& folder) {
  auto file = folder.open_or_make(kName);
  if (!file) return std::move(file).error();
  return FolderLock(*std::move(file));
}

Result<LockResult> FolderLock::try_take(LockPart part) {
  if (set_lock(fd_.get(), part, F_WRLCK) == 0) return LockResult::held;
  if (errno == EAGAIN || errno == EACCES) return LockResult::held_by_another;
  return system_error("cannot lock the folder");
}

void FolderLock::release(LockPart part) { set_lock(fd_.get(), part, F_UNLCK); }

Result<LockResult> FolderLock::take(LockPart part, MonoTime deadline) {
  for (;;) {
    auto result = try_take(part);
    if (!result || *result == LockResult::held || mono_now() >= deadline) return result;
    std::this_thread::sleep_for(milliseconds(20));
  }
}

}  // namespace doutu

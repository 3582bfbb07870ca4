#include "shared/sandbox/file_identities.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace doutu {

FileIdentities::FileIdentities(std::vector<std::string> paths) {
  for (std::string& path : paths) {
    const Identity identity = identity_of(path);
    files_.emplace_back(std::move(path), identity);
  }
}

bool FileIdentities::have_changed() const {
  return std::ranges::any_of(files_, [](const auto& file) { return identity_of(file.first) != file.second; });
}

/// Zeros for nothing. Landlock lets everything be looked at, though not into.
FileIdentities::Identity FileIdentities::identity_of(const std::string& path) {
  struct statx file {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &file) != 0) return {};
  const bool has_birth = (file.stx_mask & STATX_BTIME) != 0;
  return {.device_major = file.stx_dev_major,
          .device_minor = file.stx_dev_minor,
          .inode = file.stx_ino,
          .born_seconds = has_birth ? file.stx_btime.tv_sec : 0,
          .born_nanoseconds = has_birth ? file.stx_btime.tv_nsec : 0};
}

}  // namespace doutu

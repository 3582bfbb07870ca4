#include "shared/sandbox/file_identities.h"

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
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace doutu

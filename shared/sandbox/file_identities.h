// FileIdentities: which files some names lead to. Landlock's rules hold files, not names. When the system replaces
// /etc/resolv.conf, a process that was confined before can read neither the old nor the new one. It notices that, ends,
// and a process that is confined anew replaces it. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace doutu {

class FileIdentities {
 public:
  /// As they are now. Names of files and folders; a name that leads nowhere may lead somewhere later.
  explicit FileIdentities(std::vector<std::string> paths);

  /// Whether one of the names leads to another file now, or to one at last, or nowhere any more.
  [[nodiscard]] bool have_changed() const;

 private:
  struct Identity {
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::uint64_t inode = 0;
    /// Where the file system knows it: the number of a file that was deleted may be the next one's.
    std::int64_t born_seconds = 0;
    std::uint32_t born_nanoseconds = 0;
    bool operator==(const Identity&) const = default;
  };
  static Identity identity_of(const std::string& path);

  std::vector<std::pair<std::string, Identity>> files_;
};

}  // namespace doutu

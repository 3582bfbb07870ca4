// FileIdentities: which files some names lead to. Landlock's rules hold files, not names: once the system puts another
// /etc/resolv.conf in place of the one that was there, who was confined before can read neither. It notices, ends, and
// is replaced by a process that is confined anew. One thread.
#pragma once

#include <sys/types.h>

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
  using Identity = std::pair<dev_t, ino_t>;
  static Identity identity_of(const std::string& path);

  std::vector<std::pair<std::string, Identity>> files_;
};

}  // namespace doutu

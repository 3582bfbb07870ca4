// NewFile: a file that takes the place of the one before only when it is whole; a process that is killed, or a full
// disk, leaves the one before. The parent's thread.
#pragma once

#include <fstream>
#include <string>

#include "shared/base/result.h"

namespace doutu {

class NewFile {
 public:
  /// Writes aside, to path + ".new".
  explicit NewFile(const std::string& path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  /// Removes what was not placed.
  ~NewFile();

  void add_line(const std::string& text);
  /// The last call. Error: the path is as it was.
  Status place();

 private:
  const std::string path_;
  const std::string temporary_;
  std::ofstream stream_;
  int trouble_ = 0;  ///< errno of the first call that failed.
  bool placed_ = false;
};

}  // namespace doutu

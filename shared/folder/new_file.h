// NewFile: writes a file of a StateFolder anew. The new file replaces the old one only when it is complete: a kill or a
// full disk leaves the old one. One thread.
#pragma once

#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"

namespace doutu {

class NewFile {
 public:
  /// Writes aside, to name + ".new". The folder outlives this.
  NewFile(const StateFolder& folder, std::string name);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  /// Removes what was not published.
  ~NewFile();

  void add_line(const std::string& text);
  /// The last call. Error: what had the name before has it still.
  Status publish();
  /// The same; the file is on the disk when it returns.
  Status publish_durably();

 private:
  void flush();

  const StateFolder& folder_;
  const std::string name_;
  const std::string temporary_;
  UniqueFd file_;
  std::string buffer_;
  std::optional<Error> trouble_;  ///< The first.
  bool placed_ = false;
};

}  // namespace doutu

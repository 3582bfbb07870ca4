// RotatingLog: crawl.log of a StateFolder, and crawl.1.log, crawl.2.log ... that were full before it. Nothing that is
// planted in their places is followed or written to. The parent's thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"

namespace doutu {

class RotatingLog {
 public:
  /// Goes on at the end of what is there. The folder outlives this.
  static Result<RotatingLog> open(const StateFolder& folder, std::uint64_t max_bytes, std::size_t old_files);

  /// A line with its end. One that cannot be written whole is lost.
  void write(std::string_view line);

 private:
  RotatingLog(const StateFolder& folder, std::uint64_t max_bytes, std::size_t old_files)
      : folder_(&folder), max_bytes_(max_bytes), old_files_(old_files) {}
  Status rotate();

  const StateFolder* folder_;
  std::uint64_t max_bytes_;
  std::size_t old_files_;
  UniqueFd file_;
  std::uint64_t bytes_ = 0;
};

}  // namespace doutu

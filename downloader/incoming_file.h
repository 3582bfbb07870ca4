// IncomingFile: the bytes of an image on their way to .doutu/incoming/<id>. They gather in a buffer; the file is made
// when the buffer is full or the image is complete, so that most failures never touch the disk. One thread; one per
// slot, used again for one image after another.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

class IncomingFile {
 public:
  /// folder is a descriptor of .doutu/incoming and outlives this.
  explicit IncomingFile(int folder);
  ~IncomingFile();
  IncomingFile(IncomingFile&&) = delete;

  /// A new image; whatever is left of the last one is discarded.
  void begin(std::int64_t id);
  /// Errors are the system's (Error::code is its errno), as for finish().
  Status append(std::span<const std::byte> bytes);
  /// Everything is in the file, and the file is closed and stays. It replaces one of an earlier run. modified: the time
  /// that it has from then on, where the file system lets it; nullopt: that of the last write.
  Status finish(std::optional<std::chrono::sys_seconds> modified = std::nullopt);
  /// What was appended so far, to be read by another process. The file is none yet that stays.
  [[nodiscard]] Result<UniqueFd> open_for_reading();
  /// Nothing stays.
  void discard();

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;

  Status flush();
  Status write(std::span<const std::byte> bytes);
  Status open();
  void set_time(std::chrono::sys_seconds modified) const;

  const int folder_;
  const std::unique_ptr<std::array<std::byte, kBufferBytes>> buffer_;
  std::size_t buffered_ = 0;
  std::string name_;
  UniqueFd file_;  ///< Valid while a file is there that discard() must remove.
};

}  // namespace doutu

// IncomingFile: the bytes of an image on their way to .doutu/incoming/<id>. Small pieces gather in a buffer; the file
// is made when the buffer is full, a large piece comes or the image is complete, so that most failures never touch the
// disk. One thread; one per slot, used again for one image after another.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "downloader/store/incoming_image.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

class IncomingFile final : public IncomingImage {
 public:
  /// folder is a descriptor of .doutu/incoming and outlives this.
  explicit IncomingFile(int folder);
  ~IncomingFile() override;

  void begin(std::int64_t id) override;
  Status append(std::span<const std::byte> bytes) override;
  /// Closes the file.
  Status finish(std::optional<std::chrono::sys_seconds> modified) override;
  [[nodiscard]] Result<UniqueFd> open_for_reading() override;
  void discard() override;

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
  /// Written at once: a copy of so many costs more than a call.
  static constexpr std::size_t kLargeBytes = std::size_t{8} << 10U;

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

// SyncTable: which files are durable. Sync epochs are the times between two syncs: an image that gets its file carries
// the number of the epoch, and this table says up to which epoch all files are on the disk under their names. Beside it
// the bytes of images that cannot be fetched again, until then. The ledger thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"

namespace doutu {

class SyncTable {
 public:
  explicit SyncTable(Preparer& prepare);

  /// Reads the last durable epoch. Call it once, before anything else.
  Status load();

  /// The next epoch begins. Its number: what was committed so far is of earlier ones.
  std::int64_t begin_epoch() { return ++epoch_; }
  [[nodiscard]] std::int64_t epoch() const { return epoch_; }
  /// In no transaction: the files of this epoch and of those before it are on the disk under their names.
  Status save_durable(std::int64_t epoch);
  /// The last epoch of which that was said.
  [[nodiscard]] std::int64_t durable_epoch() const { return durable_; }
  /// Fetched images of whose files it was not said.
  Result<std::vector<std::int64_t>> unsure_images();

  /// In a transaction: the bytes of an image that cannot be fetched again, until save_durable() says that they are not
  /// needed.
  Status keep_bytes(std::int64_t id, std::span<const std::byte> bytes);
  Result<std::optional<std::vector<std::byte>>> kept_bytes(std::int64_t id);

 private:
  Statement find_;
  Statement save_;
  Statement unsure_images_;
  Statement keep_bytes_;
  Statement find_bytes_;
  Statement forget_bytes_;
  std::int64_t epoch_ = 0;
  std::int64_t durable_ = 0;
};

}  // namespace doutu

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

  /// Reads the last durable epoch, and up to where keys of contents are merged. Call it once, before anything else.
  Status load();

  /// The next epoch begins. Its number: what was committed so far is of earlier ones.
  std::int64_t begin_epoch() { return ++epoch_; }
  [[nodiscard]] std::int64_t epoch() const { return epoch_; }
  /// In no transaction: the files of this epoch and of those before it are on the disk under their names.
  Status save_durable(std::int64_t epoch);
  /// The last epoch of which that was said.
  [[nodiscard]] std::int64_t durable_epoch() const { return durable_; }
  /// Fetched images of whose files it was not said, rising.
  Result<std::vector<std::int64_t>> unsure_images();
  /// The highest image of the last epoch up to this one in which any got its file; 0: there is none. Precondition: no
  /// earlier epoch than the durable one.
  Result<std::int64_t> last_image(std::int64_t up_to_epoch);

  // --- Within a batch: images that get their files.

  void add_named(std::int64_t id) { named_.push_back(id); }
  /// As a row. Before the commit.
  Status save_named();
  void committed();
  void rolled_back() { named_.clear(); }

  /// Images whose files came since the keys of contents were merged, in the order of their batches.
  Result<std::vector<std::int64_t>> unmerged_images();
  /// Behind save_named(), in the same transaction: the keys of all of them are merged.
  Status merged();

  /// In a transaction: the bytes of an image that cannot be fetched again, until save_durable() says that they are not
  /// needed.
  Status keep_bytes(std::int64_t id, std::span<const std::byte> bytes);
  Result<std::optional<std::vector<std::byte>>> kept_bytes(std::int64_t id);

 private:
  Result<std::vector<std::int64_t>> images_in(Statement& rows, std::int64_t behind);

  /// The rows of that table.
  struct InlineBytes {
    Statement keep;
    Statement find;
    Statement forget;
  };

  Statement find_;
  Statement save_;
  Statement find_merged_;
  Statement save_merged_;
  Statement save_named_;
  Statement unsure_;
  Statement unmerged_;
  Statement latest_;
  Statement forget_named_;
  InlineBytes inline_bytes_;
  std::int64_t epoch_ = 0;
  std::int64_t durable_ = 0;
  std::int64_t last_durable_image_ = 0;
  std::int64_t merged_ = 0;          ///< The last row of named whose contents have their keys in the table.
  std::vector<std::int64_t> named_;  ///< By the open batch.
};

}  // namespace doutu

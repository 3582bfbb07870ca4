// ImagePlacer: gives every fetched image its name within the ledger's batch, and moves it there after the commit. The
// ledger is the redo log: a file has a final name only when its row says so, and while a row's file is not placed,
// .doutu/incoming has it. The ledger thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "downloader/file_name.h"
#include "downloader/image_job.h"
#include "downloader/image_store.h"
#include "downloader/ledger_writer.h"
#include "shared/base/result.h"

namespace doutu {

class ImagePlacer {
 public:
  /// store and ledger outlive this.
  ImagePlacer(ImageStore& store, LedgerWriter& ledger, WrongExtension wrong)
      : wrong_extension_(wrong), store_(store), ledger_(ledger) {}

  /// At start: what a dead process left in incoming waits for place() when the ledger has it, and is discarded when it
  /// has not.
  Status redo();

  // --- Within a batch.

  /// Names a fetched image and records it: saved, or a duplicate when the folder has the same bytes.
  Status record(const ImageOutcome& outcome);
  /// Deals with what place() could not: a name that something else took gets a number, lost bytes are fetched again.
  Status repair(std::vector<ImageJob>& jobs);

  // --- After it.

  void committed();
  void rolled_back();
  /// Places everything that is committed. An error is the disk's or the folder's: the rest waits for the next call.
  Status place();

  [[nodiscard]] bool has_repairs() const { return !troubled_.empty(); }
  /// Every recorded image is where its row says.
  [[nodiscard]] bool idle() const { return named_.empty() && waiting_.empty() && troubled_.empty(); }

 private:
  enum class Trouble { none, name_taken, lost };
  struct Placement {
    std::int64_t id = 0;
    std::string file;
    std::string first;  ///< A file with the same bytes, to link; empty: none.
    Content content;
    Trouble trouble = Trouble::none;
  };

  Result<std::string> choose_name(const std::string& base, const Content& content);
  [[nodiscard]] bool has(const std::string& file, const Content& content) const;
  Result<Trouble> place_one(const Placement& placement) const;
  Status give_other_name(Placement placement);

  const WrongExtension wrong_extension_;
  ImageStore& store_;
  LedgerWriter& ledger_;
  std::vector<Placement> named_;                                ///< In the open batch.
  std::vector<Placement> waiting_;                              ///< Committed.
  std::vector<Placement> troubled_;                             ///< Committed, and not to be placed like this.
  std::unordered_map<std::string, Content> promised_;           ///< Names of named_ and waiting_.
  std::unordered_map<std::string, std::uint32_t> next_number_;  ///< Where the search for a free name goes on.
};

}  // namespace doutu

// ImageTable: the ledger's images, a row each: which are to be fetched, and what became of each attempt. How a row
// comes about is ImageHits'. Everything that writes needs a transaction. The ledger thread.
//
// Invariant: the ids of pending rows rise in the order in which they became pending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/image_ids.h"
#include "downloader/ledger/job_table.h"
#include "downloader/ledger/preparer.h"
#include "downloader/ledger/spot.h"
#include "downloader/ledger/sync_table.h"
#include "downloader/schedule/image_task.h"
#include "downloader/store/content.h"
#include "shared/base/result.h"
#include "shared/ledger/schema.h"

namespace doutu {

/// What the ledger has of an image.
struct StoredImage {
  std::int64_t job = 0;
  std::int64_t settled_in = 0;  ///< The job whose counters have it; 0 while it is pending.
  ImageState state = ImageState::pending;
  std::int64_t host = 0;
  std::uint32_t attempts = 0;
  std::string url;
  std::string type;
  std::string file;
  Content content;
  [[nodiscard]] bool is_fetched() const { return state == ImageState::saved || state == ImageState::duplicate; }
};

/// A file of the folder, and the image that it is named after.
struct NamedFile {
  std::string file;
  std::string url;
  std::string type;
};

class ImageTable {
 public:
  /// All outlive this.
  ImageTable(Preparer& prepare, CurrentJob& job, JobTable& jobs, const SyncTable& syncs, ImageIds& ids);

  Result<std::optional<StoredImage>> find(std::int64_t id);
  /// A saved image with these bytes.
  Result<std::optional<NamedFile>> find_content(const Sha256& sha256);

  // --- Images that are pending in the current job.

  /// Those of the host with id > after_id, in the order of their ids.
  Result<std::vector<ImageTask>> pending_tasks(std::int64_t host, std::int64_t after_id, std::size_t limit);
  /// nullopt: the job does not wait for what becomes of this image.
  Result<std::optional<Spot>> pending_spot(std::int64_t id);

  // Precondition of all three: the image is pending in the current job.
  Status record_retry(const ImageOutcome& outcome);
  Status record_failed(const ImageOutcome& outcome);
  /// state: saved or duplicate.
  Status record_fetched(const ImageOutcome& outcome, ImageState state, const std::string& file);

  // --- Images that were fetched.

  Status rename_file(std::int64_t id, const std::string& file);
  /// The bytes of a fetched image are gone: it is pending again in its job, which is unsettled then. A task when that
  /// is the current one.
  Result<std::optional<ImageTask>> fetch_again(std::int64_t id);

 private:
  Status unsettle(const StoredImage& image);

  CurrentJob& job_;
  JobTable& jobs_;
  const SyncTable& syncs_;
  ImageIds& ids_;
  Statement find_;
  Statement find_content_;
  Statement pending_tasks_;
  Statement pending_spot_;
  Statement retry_;
  Statement end_;
  Statement rename_;
  Statement unfetch_;
};

}  // namespace doutu

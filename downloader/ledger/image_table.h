// ImageTable: what becomes of the ledger's images: which are to be fetched, and how each attempt ended. An image that
// is not pending any more has a row in ended; one of which an attempt failed, in retry. How a row of found comes about
// is FoundTable's. Everything that writes needs a transaction. The ledger thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "downloader/ledger/content_table.h"
#include "downloader/ledger/current_job.h"
#include "downloader/ledger/found_table.h"
#include "downloader/ledger/host_table.h"
#include "downloader/ledger/job_table.h"
#include "downloader/ledger/met_images.h"
#include "downloader/ledger/pending_ids.h"
#include "downloader/ledger/preparer.h"
#include "downloader/ledger/sync_table.h"
#include "downloader/ledger/task_reader.h"
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
  bool lacks_end_mark = false;
  [[nodiscard]] bool is_fetched() const { return state == ImageState::saved || state == ImageState::duplicate; }
};

class ImageTable {
 public:
  /// All outlive this.
  ImageTable(Preparer& prepare, CurrentJob& job, JobTable& jobs, HostTable& hosts, SyncTable& syncs, FoundTable& found,
             ContentTable& contents, MetImages& met, PendingIds& pending);

  Result<std::optional<StoredImage>> find(std::int64_t id);

  // --- Images that are pending in the current job.

  /// Those of the host with id > after_id, in the order of their ids.
  Result<std::vector<ImageTask>> pending_tasks(std::int64_t host, std::int64_t after_id, std::size_t limit);
  /// Reads the current job's pending images; EBADMSG: they are not as many as it has counted. When it has begun; needs
  /// no transaction.
  Status load_pending();
  /// Whether the job waits for what becomes of this image.
  [[nodiscard]] bool is_pending(std::int64_t id) const { return pending_.contains(id); }

  // Precondition of all four: the image is pending in the current job.
  Status record_retry(const ImageOutcome& outcome);
  Status record_failed(const ImageOutcome& outcome);
  /// As failed, with another image in its place (ImageAlternatives).
  Status record_replaced(const ImageOutcome& outcome);
  /// As saved, or as a duplicate of the first with its bytes.
  Status record_fetched(const ImageOutcome& outcome, const ContentPlace& place, const std::string& file);

  /// At a merge: images that were put off and have ended without a further attempt need no row for that.
  Status merge();

  // --- Images that were fetched.

  Status rename_file(std::int64_t id, const std::string& file);
  /// The bytes of a fetched image are gone: it is pending again in its job, which is unsettled then. A task when that
  /// is the current one.
  Result<std::optional<ImageTask>> fetch_again(std::int64_t id);

 private:
  [[nodiscard]] Status check_pending(std::uint64_t count) const;
  Status unsettle(const StoredImage& image);
  Status end_without_file(const ImageOutcome& outcome, ImageState state);

  /// Of pending images of which an attempt failed.
  struct RetryRows {
    Statement save;
    Statement forget;
    Statement forget_ended;
  };

  /// Of images that are pending no more.
  struct EndRows {
    Statement without_file;
    Statement with_file;
    Statement robots_tag;
    Statement rename;
  };

  CurrentJob& job_;
  JobTable& jobs_;
  HostTable& hosts_;
  SyncTable& syncs_;
  FoundTable& found_;
  MetImages& met_;
  PendingIds& pending_;
  ContentTable& contents_;
  Statement find_;
  TaskReader tasks_;
  Statement pending_of_job_;
  RetryRows retries_;
  EndRows end_;
};

}  // namespace doutu

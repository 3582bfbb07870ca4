// ImageHits: the ledger's rules for hits: what an image that a page names counts as. A URL that was never met becomes a
// row; of one that was, the row tells: this job repeats it, another one has fetched it, or the current job takes it
// over and tries it anew. It inserts and moves rows of the images table; what becomes of them is ImageTable's.
// Everything needs a transaction. The ledger thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/host_table.h"
#include "downloader/ledger/image_ids.h"
#include "downloader/ledger/job_table.h"
#include "downloader/ledger/page_table.h"
#include "downloader/ledger/preparer.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"
#include "shared/crawl/records.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

class ImageHits {
 public:
  /// All outlive this.
  ImageHits(const Database& db, Preparer& prepare, CurrentJob& job, JobTable& jobs, HostTable& hosts, ImageIds& ids);

  /// Whether the folder has lost a file of so many bytes. It is asked of the images of earlier jobs that the current
  /// one meets, and one that is lost is fetched again. Before this is called none is.
  using HasLost = std::function<bool(const std::string& file, std::uint64_t bytes)>;
  void look_for_files(HasLost has_lost) { has_lost_ = std::move(has_lost); }

  /// A task, when there is now an image to fetch.
  using MaybeTask = Result<std::optional<ImageTask>>;
  /// Counts one hit of the page: in page.hits, page.repeated and the job's counters.
  MaybeTask add(PageRecord& page, const ImageFound& hit);

 private:
  /// The row of a URL that was met before.
  struct KnownImage {
    std::int64_t id = 0;
    std::int64_t job = 0;
    std::uint64_t page = 0;
    std::uint32_t attempt = 0;
    std::uint32_t position = 0;
    ImageState state = ImageState::pending;
    std::int64_t settled_in = 0;
    std::string file;
    std::uint64_t bytes = 0;
  };

  Result<std::int64_t> host_of(const ImageFound& hit);
  /// False when the URL was met before.
  Result<bool> add_new(const PageRecord& page, const ImageFound& hit, std::span<const std::byte> key,
                       std::int64_t host);
  Result<KnownImage> known(std::span<const std::byte> key);
  MaybeTask on_seen_again(PageRecord& page, const ImageFound& hit, const KnownImage& image);
  MaybeTask on_known(PageRecord& page, const ImageFound& hit, const KnownImage& image);
  Result<bool> is_lost(const KnownImage& image) const;
  MaybeTask count_repeated(PageRecord& page);
  MaybeTask move(std::int64_t id, const PageRecord& page, const ImageFound& hit);
  MaybeTask requeue(std::int64_t old_id, const PageRecord& page, const ImageFound& hit);

  const Database& db_;
  CurrentJob& job_;
  JobTable& jobs_;
  HostTable& hosts_;
  ImageIds& ids_;
  Statement insert_;
  Statement find_by_url_;
  Statement move_;
  Statement requeue_;
  HasLost has_lost_;
};

}  // namespace doutu

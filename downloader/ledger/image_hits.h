// ImageHits: the ledger's rules for hits: what an image that a page names counts as. A URL that was never met becomes a
// row of found; of one that was, the row tells: this job repeats it, another one has fetched it, or the current job
// takes it over and tries it anew. One that failed and that another image stands for (AlternativeTable) counts as that
// one. What becomes of the rows is ImageTable's. Everything needs a transaction. The ledger thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "downloader/ledger/alternative_table.h"
#include "downloader/ledger/current_job.h"
#include "downloader/ledger/found_table.h"
#include "downloader/ledger/host_table.h"
#include "downloader/ledger/job_table.h"
#include "downloader/ledger/met_images.h"
#include "downloader/ledger/page_table.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"
#include "shared/crawl/records.h"

namespace doutu {

/// An image in the place of another one.
struct StandIn {
  std::int64_t id = 0;            ///< 0: there is none.
  std::optional<ImageTask> task;  ///< When it is to be fetched.
};

class ImageHits {
 public:
  /// All outlive this.
  ImageHits(CurrentJob& job, JobTable& jobs, HostTable& hosts, FoundTable& found, MetImages& met,
            AlternativeTable& alternatives)
      : job_(job), jobs_(jobs), hosts_(hosts), found_(found), met_(met), alternatives_(alternatives) {}

  /// Whether the folder has lost a file of so many bytes. It is asked of the images of earlier jobs that the current
  /// one meets, and one that is lost is fetched again. Before this is called none is.
  using HasLost = std::function<bool(const std::string& file, std::uint64_t bytes)>;
  void look_for_files(HasLost has_lost) { has_lost_ = std::move(has_lost); }

  /// A task, when there is now an image to fetch.
  using MaybeTask = Result<std::optional<ImageTask>>;
  /// Counts one hit of the page: in page.hits, page.repeated and the job's counters.
  MaybeTask add(PageRecord& page, const ImageFound& hit);
  /// Counts what replaces a hit of the page on an image that has failed, which is still pending: in page.repeated and
  /// the job's counters. None: the job knows that this URL fails as well, and nothing is counted.
  Result<StandIn> add_in_place_of(const FoundImage& failed, PageRecord& page, const ImageFound& hit);

 private:
  [[nodiscard]] bool is_met(const FoundImage& image) const;
  [[nodiscard]] bool is_of_job(const FoundImage& image) const { return image.job == job_.id() || is_met(image); }
  Result<FoundImage> last_in_place_of(const FoundImage& image);
  Result<std::int64_t> host_of(const ImageFound& hit);
  MaybeTask add_new(const PageRecord& page, const ImageFound& hit, KeyStage::Key key);
  MaybeTask on_seen_again(PageRecord& page, const ImageFound& hit, const FoundImage& image);
  MaybeTask on_replaced(PageRecord& page, const ImageFound& hit, const FoundImage& image);
  MaybeTask on_known(PageRecord& page, const ImageFound& hit, const FoundImage& image);
  Result<bool> count_fetched(PageRecord& page, const ImageFound& hit, const FoundImage& image);
  MaybeTask try_anew(const PageRecord& page, const ImageFound& hit, const FoundImage& image);
  Result<StandIn> join(const FoundImage& failed, PageRecord& page, const ImageFound& hit, const FoundImage& image);
  Result<bool> is_lost(const FoundImage& image) const;
  MaybeTask count_repeated(PageRecord& page);

  CurrentJob& job_;
  JobTable& jobs_;
  HostTable& hosts_;
  FoundTable& found_;
  MetImages& met_;
  AlternativeTable& alternatives_;
  HasLost has_lost_;
};

}  // namespace doutu

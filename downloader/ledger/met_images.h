// MetImages: the images of earlier jobs that the current job has met on its pages, each counted as known once. Kept as
// bits by id, 125 KB for each million. When a job begins, those of others are dropped, except of the last few that are
// not settled and may go on. Of a page that is still being read it is known which images it met itself: its next
// attempt takes them over and does not count them as repeated.
//
// What a batch met is a row of table met, in its transaction; merge() folds the rows of recorded pages into met_bits.
// The ledger thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/id_bits.h"
#include "downloader/ledger/image_ids.h"
#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"

namespace doutu {

class MetImages {
 public:
  /// All outlive this.
  MetImages(Preparer& prepare, const CurrentJob& job, const ImageIds& ids);

  /// In the transaction in which the current job began: reads what it has met, and forgets what others had.
  Status begin_job();

  [[nodiscard]] bool contains(std::int64_t image) const { return bits_.contains(image); }
  [[nodiscard]] std::size_t size() const;
  struct Meeting {
    std::uint32_t attempt = 0;
    std::uint32_t position = 0;
  };
  /// Where this page met the image first; nullopt: another page did, or the page is recorded.
  [[nodiscard]] std::optional<Meeting> meeting_on(std::uint64_t page, std::int64_t image) const;

  // --- Within a batch.

  struct PageMeeting {
    std::uint64_t page = 0;
    Meeting meeting;
  };
  /// The image is the job's own from now on. Where a page that is still being read has met it; nullopt: no such page.
  std::optional<PageMeeting> take(std::int64_t image);

  /// The page meets the image, for the first time or in a later attempt.
  void add(std::uint64_t page, std::int64_t image, Meeting meeting);
  /// No attempt at this page follows.
  void page_recorded(std::uint64_t page) { batch_.recorded.push_back(page); }
  /// What was added, as rows. Before the commit.
  Status save();
  [[nodiscard]] bool is_full() const { return rows_ >= kMaxRows; }
  /// Behind save(), in the same transaction.
  Status merge();
  void committed();
  void rolled_back();

 private:
  static constexpr std::size_t kMaxRows = 4096;
  struct Met {
    std::uint64_t page;
    std::int64_t image;
    Meeting meeting;
  };
  using ImageMeetings = std::unordered_map<std::int64_t, Meeting>;

  [[nodiscard]] bool is_possible(std::int64_t image) const { return image > 0 && image < ids_.next(); }
  Status load();
  Status load_bits();

  const CurrentJob& job_;
  const ImageIds& ids_;
  Statement forget_rows_;
  Statement forget_bits_;
  Statement rows_of_;
  Statement all_bits_;
  Statement save_row_;
  Statement save_bits_;
  Statement forget_recorded_;
  IdBits bits_;
  std::unordered_map<std::uint64_t, ImageMeetings> open_pages_;
  std::size_t rows_ = 0;  ///< Of table met, since the last merge.

  struct OpenBatch {
    std::vector<Met> added;
    std::vector<std::int64_t> new_bits;
    std::vector<std::int64_t> taken_bits;
    std::vector<std::uint64_t> recorded;
    bool is_merged = false;
  };
  OpenBatch batch_;
};

}  // namespace doutu
